//! The text of addresses: variant characters, suffixes of villages and townships, villager groups.

use crate::intake::cells::half_width;

/// What a village name ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suffix {
    /// No suffix was written.
    None,
    /// 村, 村委会 and the like.
    Village,
    /// 社区, 居委会 and the like.
    Community,
}

/// Suffixes, longest first.
const SUFFIXES: [(&str, Suffix); 10] = [
    ("社区居民委员会", Suffix::Community),
    ("社区居委会", Suffix::Community),
    ("村民委员会", Suffix::Village),
    ("居民委员会", Suffix::Community),
    ("村委会", Suffix::Village),
    ("居委会", Suffix::Community),
    ("行政村", Suffix::Village),
    ("自然村", Suffix::Village),
    ("社区", Suffix::Community),
    ("村", Suffix::Village),
];

/// Half-width, without blanks and marks.
pub(crate) fn clean(text: &str) -> String {
    half_width(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// As [`clean`], variant characters as one.
pub(crate) fn fold(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric();
    half_width(text).chars().filter(kept).map(variant).collect()
}

/// The character that stands for its variants in names.
fn variant(c: char) -> char {
    match c {
        '塬' | '源' => '原',
        '岘' | '峴' | '砚' => '现',
        '咀' => '嘴',
        '窵' => '窎',
        '莊' => '庄',
        '溝' => '沟',
        '驛' => '驿',
        '灣' => '湾',
        '鎮' => '镇',
        '坬' => '洼',
        '卯' => '峁',
        '零' => '〇',
        c => c,
    }
}

/// The name without 村, 社区 and the like, and which it was; a name that is nothing else keeps it.
pub(crate) fn village_core(folded: &str) -> (&str, Suffix) {
    for (word, suffix) in &SUFFIXES {
        if let Some(core) = folded.strip_suffix(word).filter(|c| !c.is_empty()) {
            return (core, *suffix);
        }
    }
    (folded, Suffix::None)
}

/// The township without 镇, 乡, 街道.
pub(crate) fn township_core(folded: &str) -> &str {
    ["回族乡", "民族乡", "街道办事处", "街道", "镇", "乡"]
        .iter()
        .find_map(|s| folded.strip_suffix(s))
        .filter(|c| !c.is_empty())
        .unwrap_or(folded)
}

/// The text after province, city and county.
pub(crate) fn without_county(folded: &str) -> &str {
    let mut rest = folded;
    for (words, most) in
        [(&["省", "自治区"][..], 9), (&["市", "自治州", "州", "地区"][..], 8), (&["县", "自治县"][..], 8)]
    {
        let cut = words
            .iter()
            .filter_map(|w| rest.find(w).map(|at| at + w.len()))
            .filter(|end| rest[..*end].chars().count() <= most && rest[..*end].chars().count() > 2)
            .min();
        // Names like 上海城 or 河北路 hold no 省 or 市 of their own; names like 中市村 do, so a 村 must not be cut through.
        if let Some(end) = cut.filter(|end| !rest[..*end].contains(['镇', '乡', '村', '社'])) {
            rest = &rest[end..];
        }
    }
    rest
}

/// The villager group at the end (三社, 第3组, 12队), and the text before it.
pub(crate) fn split_group(text: &str) -> (&str, &str) {
    let numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百〇两".contains(c);
    // A house number may follow the group; the first group after a numeral counts.
    let mut end = None;
    let mut before = None;
    for (at, c) in text.char_indices() {
        let counted = before.is_some_and(numeral);
        if matches!(c, '社' | '组' | '队') && counted && !text[at..].starts_with("社区") {
            end = Some(at);
            break;
        }
        before = Some(c);
    }
    let Some(end) = end else { return (text, "") };
    let name = text[..end].trim_end_matches(numeral);
    let name = name.strip_suffix('第').unwrap_or(name);
    (name, &text[name.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_cut_off_in_every_numeral() {
        for (text, name, group) in [
            ("南嘴村三社", "南嘴村", "三社"),
            ("南嘴村3组", "南嘴村", "3组"),
            ("南嘴村第十二队", "南嘴村", "第十二队"),
            ("南嘴三社15号", "南嘴", "三社15号"),
            ("广场社区", "广场社区", ""),
            ("二十里铺村", "二十里铺村", ""),
        ] {
            assert_eq!(split_group(text), (name, group), "{text}");
        }
    }

    #[test]
    fn province_city_and_county_are_cut_off_and_names_are_not() {
        assert_eq!(without_county("甘肃省白银市会宁县会师镇南嘴村"), "会师镇南嘴村");
        assert_eq!(without_county("会宁县会师镇"), "会师镇");
        assert_eq!(without_county("会师镇上市村"), "会师镇上市村");
    }
}
