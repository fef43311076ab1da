//! Invented names, numbers and addresses that nobody can mistake for real ones.

use caregrid::base::SplitMix64;
use std::collections::BTreeSet;

const SURNAMES: [&str; 36] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "马", "牛", "柴", "冯", "魏", "党", "曹",
    "侯", "苏", "韩", "郭", "董", "孙", "田", "任", "段", "康", "常", "巩", "苟", "何", "宋", "谢", "沈",
    "芦", "雷",
];
const LAST: [&str; 44] = [
    "福", "贵", "祥", "平", "安", "顺", "兴", "旺", "德", "仁", "义", "礼", "信", "勤", "和", "明", "成",
    "林", "山", "川", "禾", "田", "梅", "兰", "菊", "莲", "芳", "秀", "英", "珍", "玉", "霞", "云", "香",
    "桂", "琴", "巧", "慧", "静", "娥", "花", "翠", "凤", "珠",
];
/// From this index on the last characters are women's.
const WOMEN_FROM: usize = 22;

/// One invented person; the ID number has the area code 000000, which no place has.
#[derive(Debug, Clone)]
pub struct Person {
    pub name: String,
    pub id_number: String,
    pub guardian: String,
    pub guardian_phone: String,
}

/// Gives names and numbers that no two people of a township share.
#[derive(Default)]
pub struct Names {
    used: BTreeSet<String>,
}

impl Names {
    /// A name like 王某梅, unused so far.
    pub fn name(&mut self, female: bool, random: &mut SplitMix64) -> String {
        loop {
            let surname = SURNAMES[random.below(SURNAMES.len())];
            let half = random.below(WOMEN_FROM);
            let last = LAST[if female { WOMEN_FROM + half } else { half }];
            let middle = if self.used.len() < 500 { "某" } else { "某某" };
            let name = format!("{surname}{middle}{last}");
            if self.used.insert(name.clone()) {
                return name;
            }
        }
    }

    pub fn person(&mut self, ages: std::ops::Range<usize>, random: &mut SplitMix64) -> Person {
        let female = random.unit() < 0.5;
        let name = self.name(female, random);
        let year = 2026 - ages.start - random.below(ages.end - ages.start);
        let id_number = loop {
            let (month, day) = (1 + random.below(11), 1 + random.below(28));
            let serial = random.below(500) * 2 + usize::from(!female);
            let number = with_check(&format!("000000{year:04}{month:02}{day:02}{serial:03}"));
            if self.used.insert(number.clone()) {
                break number;
            }
        };
        let guardian = format!("{}某{}", name.chars().next().unwrap_or('王'), LAST[random.below(LAST.len())]);
        Person { name, id_number, guardian, guardian_phone: phone(random) }
    }
}

/// No Chinese number begins with 100.
fn phone(random: &mut SplitMix64) -> String {
    format!("1000000{:04}", random.below(10_000))
}

/// Adds the check character of GB 11643-1999.
pub fn with_check(seventeen: &str) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let sum: u32 = seventeen.bytes().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    format!("{seventeen}{}", char::from(CHECK[(sum % 11) as usize]))
}

/// 一社 … 十九社.
pub fn group_name(group: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match group {
        0 => String::new(),
        10.. => format!("十{}社", DIGITS[group % 10]),
        _ => format!("{}社", DIGITS[group]),
    }
}
