//! One PrimitiveBlock: strings, dense and plain nodes, ways, relations.

use super::wire::{Deltas, Message, packed_len, varint};
use super::{Cause, Guarded, cause};

const LENGTHS: Cause = cause("数组长度不一致", "arrays that belong together have unequal lengths");
const STRING: Cause = cause("字符串编号越界", "a string number points outside the string table");
const REPEATED: Cause = cause("数组字段重复出现", "an array field occurs twice in one object");
const NO_ID: Cause = cause("对象缺少编号", "an object has no id");

/// A `key = value` pair as numbers of the block's string table.
pub(in crate::network) type Tagged = (u32, u32);

/// Nodes of a block in file order.
#[derive(Debug, Default)]
pub(in crate::network) struct NodeArrays {
    pub id: Vec<i64>,
    /// Longitude and latitude in 1e-7 degrees; `None` off the earth.
    pub at: Vec<Option<[i32; 2]>>,
    /// Nodes with tags: position in `id`, range in `tags`.
    pub tagged: Vec<(u32, std::ops::Range<usize>)>,
    pub tags: Vec<Tagged>,
}

/// A way.
#[derive(Debug)]
pub(in crate::network) struct Way<'a> {
    pub id: i64,
    keys: &'a [u8],
    values: &'a [u8],
    refs: &'a [u8],
}

/// What a relation's member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::network) enum MemberKind {
    Node,
    Way,
    Relation,
}

/// A relation.
#[derive(Debug)]
pub(in crate::network) struct Relation<'a> {
    keys: &'a [u8],
    values: &'a [u8],
    roles: &'a [u8],
    members: &'a [u8],
    kinds: &'a [u8],
    strings: usize,
}

/// A checked block.
#[derive(Debug, Default)]
pub(in crate::network) struct Block<'a> {
    pub strings: Vec<&'a [u8]>,
    pub nodes: NodeArrays,
    pub ways: Vec<Way<'a>>,
    pub relations: Vec<Relation<'a>>,
}

/// Nanodegrees per unit, and the shift of both axes.
struct Scale {
    granularity: i64,
    lat_offset: i64,
    lon_offset: i64,
}

impl Scale {
    /// 1e-7 degrees, `None` off the earth.
    fn place(&self, lon: i64, lat: i64) -> Option<[i32; 2]> {
        let axis = |offset: i64, n: i64, most: i64| {
            let nano = self.granularity.checked_mul(n)?.checked_add(offset)?;
            let e7 = nano.checked_add(50)?.div_euclid(100);
            (e7.abs() <= most).then_some(e7 as i32)
        };
        Some([axis(self.lon_offset, lon, 1_800_000_000)?, axis(self.lat_offset, lat, 900_000_000)?])
    }
}

/// Reads and checks a whole block.
///
/// # Errors
/// Anything that is cut, unequal in length or out of range.
pub(in crate::network) fn read_block(content: &[u8]) -> Guarded<Block<'_>> {
    let mut block = Block::default();
    let mut scale = Scale { granularity: 100, lat_offset: 0, lon_offset: 0 };
    let mut groups = Vec::new();
    let mut message = Message(content);
    while let Some((field, value)) = message.next()? {
        match field {
            1 => {
                let mut table = Message(value.bytes()?);
                while let Some((f, v)) = table.next()? {
                    if f == 1 {
                        block.strings.push(v.bytes()?);
                    }
                }
            }
            2 => {
                let group = value.bytes()?;
                if !group.is_empty() {
                    groups.push(group);
                }
            }
            17 => scale.granularity = value.int64()?,
            19 => scale.lat_offset = value.int64()?,
            20 => scale.lon_offset = value.int64()?,
            _ => {}
        }
    }
    if !(1..=1_000_000_000).contains(&scale.granularity) {
        return Err(cause("坐标精度不合法", "its granularity is out of range"));
    }
    for group in groups {
        read_group(group, &scale, &mut block)?;
    }
    Ok(block)
}

fn read_group<'a>(group: &'a [u8], scale: &Scale, block: &mut Block<'a>) -> Guarded<()> {
    let strings = block.strings.len();
    let mut message = Message(group);
    while let Some((field, value)) = message.next()? {
        match field {
            1 => plain_node(value.bytes()?, scale, strings, &mut block.nodes)?,
            2 => dense_nodes(value.bytes()?, scale, strings, &mut block.nodes)?,
            3 => block.ways.push(way(value.bytes()?, strings)?),
            4 => block.relations.push(relation(value.bytes()?, strings)?),
            5 => {}
            _ => return Err(cause("对象类型未知", "it holds objects of an unknown kind")),
        }
    }
    Ok(())
}

/// Keeps the bytes of an array field, which may occur once.
fn once<'a>(slot: &mut Option<&'a [u8]>, bytes: &'a [u8]) -> Guarded<()> {
    if slot.replace(bytes).is_some() { Err(REPEATED) } else { Ok(()) }
}

/// Every number of a packed array is below `strings`.
fn all_strings(mut packed: &[u8], strings: usize) -> Guarded<usize> {
    let mut n = 0;
    while !packed.is_empty() {
        if varint(&mut packed)? >= strings as u64 {
            return Err(STRING);
        }
        n += 1;
    }
    Ok(n)
}

fn check_tags(keys: &[u8], values: &[u8], strings: usize) -> Guarded<()> {
    if all_strings(keys, strings)? == all_strings(values, strings)? { Ok(()) } else { Err(LENGTHS) }
}

/// Pairs of two packed arrays of equal length (checked before).
fn pairs<'a>(mut keys: &'a [u8], mut values: &'a [u8]) -> impl Iterator<Item = Tagged> + 'a {
    std::iter::from_fn(move || {
        let (k, v) = (varint(&mut keys).ok()?, varint(&mut values).ok()?);
        Some((k as u32, v as u32))
    })
}

fn plain_node(bytes: &[u8], scale: &Scale, strings: usize, nodes: &mut NodeArrays) -> Guarded<()> {
    let (mut id, mut lon, mut lat, mut keys, mut values) = (None, None, None, None, None);
    let mut message = Message(bytes);
    while let Some((field, value)) = message.next()? {
        match field {
            1 => id = Some(super::wire::zigzag(value.number()?)),
            2 => once(&mut keys, value.bytes()?)?,
            3 => once(&mut values, value.bytes()?)?,
            8 => lat = Some(super::wire::zigzag(value.number()?)),
            9 => lon = Some(super::wire::zigzag(value.number()?)),
            _ => {}
        }
    }
    let (keys, values) = (keys.unwrap_or_default(), values.unwrap_or_default());
    check_tags(keys, values, strings)?;
    let (Some(id), Some(lon), Some(lat)) = (id, lon, lat) else {
        return Err(cause("节点缺少编号或坐标", "a node has no id or no coordinates"));
    };
    let first = nodes.tags.len();
    nodes.tags.extend(pairs(keys, values));
    if nodes.tags.len() > first {
        nodes.tagged.push((nodes.id.len() as u32, first..nodes.tags.len()));
    }
    nodes.id.push(id);
    nodes.at.push(scale.place(lon, lat));
    Ok(())
}

fn dense_nodes(bytes: &[u8], scale: &Scale, strings: usize, nodes: &mut NodeArrays) -> Guarded<()> {
    let (mut ids, mut lats, mut lons, mut tags) = (None, None, None, None);
    let mut message = Message(bytes);
    while let Some((field, value)) = message.next()? {
        match field {
            1 => once(&mut ids, value.bytes()?)?,
            8 => once(&mut lats, value.bytes()?)?,
            9 => once(&mut lons, value.bytes()?)?,
            10 => once(&mut tags, value.bytes()?)?,
            _ => {}
        }
    }
    let (ids, lats, lons) = (ids.unwrap_or_default(), lats.unwrap_or_default(), lons.unwrap_or_default());
    let n = packed_len(ids)?;
    if packed_len(lats)? != n || packed_len(lons)? != n {
        return Err(LENGTHS);
    }
    let first = nodes.id.len();
    let (mut id, mut lat, mut lon) = (Deltas::new(ids), Deltas::new(lats), Deltas::new(lons));
    nodes.id.reserve(n);
    nodes.at.reserve(n);
    for _ in 0..n {
        nodes.id.push(id.next()?);
        let (y, x) = (lat.next()?, lon.next()?);
        nodes.at.push(scale.place(x, y));
    }
    dense_tags(tags.unwrap_or_default(), n, first, strings, nodes)
}

/// `keys_vals`: key, value, key, value, 0 for each node; empty when no node has tags.
fn dense_tags(
    mut packed: &[u8],
    n: usize,
    first: usize,
    strings: usize,
    nodes: &mut NodeArrays,
) -> Guarded<()> {
    if packed.is_empty() {
        return Ok(());
    }
    for node in 0..n {
        let from = nodes.tags.len();
        loop {
            let key = varint(&mut packed).map_err(|_| LENGTHS)?;
            if key == 0 {
                break;
            }
            let value = varint(&mut packed).map_err(|_| LENGTHS)?;
            if key >= strings as u64 || value >= strings as u64 {
                return Err(STRING);
            }
            nodes.tags.push((key as u32, value as u32));
        }
        if nodes.tags.len() > from {
            nodes.tagged.push(((first + node) as u32, from..nodes.tags.len()));
        }
    }
    if packed.is_empty() { Ok(()) } else { Err(LENGTHS) }
}

fn way(bytes: &[u8], strings: usize) -> Guarded<Way<'_>> {
    let (mut id, mut keys, mut values, mut refs) = (None, None, None, None);
    let mut message = Message(bytes);
    while let Some((field, value)) = message.next()? {
        match field {
            1 => id = Some(value.int64()?),
            2 => once(&mut keys, value.bytes()?)?,
            3 => once(&mut values, value.bytes()?)?,
            8 => once(&mut refs, value.bytes()?)?,
            _ => {}
        }
    }
    let (keys, values, refs) =
        (keys.unwrap_or_default(), values.unwrap_or_default(), refs.unwrap_or_default());
    check_tags(keys, values, strings)?;
    packed_len(refs)?;
    Ok(Way { id: id.ok_or(NO_ID)?, keys, values, refs })
}

impl Way<'_> {
    pub(in crate::network) fn tags(&self) -> impl Iterator<Item = Tagged> {
        pairs(self.keys, self.values)
    }

    /// Appends the node ids to `out`.
    pub(in crate::network) fn push_refs(&self, out: &mut Vec<i64>) -> Guarded<()> {
        let n = packed_len(self.refs)?;
        let mut deltas = Deltas::new(self.refs);
        for _ in 0..n {
            out.push(deltas.next()?);
        }
        Ok(())
    }
}

fn relation(bytes: &[u8], strings: usize) -> Guarded<Relation<'_>> {
    let (mut keys, mut values, mut roles, mut members, mut kinds) = (None, None, None, None, None);
    let mut message = Message(bytes);
    while let Some((field, value)) = message.next()? {
        match field {
            2 => once(&mut keys, value.bytes()?)?,
            3 => once(&mut values, value.bytes()?)?,
            8 => once(&mut roles, value.bytes()?)?,
            9 => once(&mut members, value.bytes()?)?,
            10 => once(&mut kinds, value.bytes()?)?,
            _ => {}
        }
    }
    let (keys, values) = (keys.unwrap_or_default(), values.unwrap_or_default());
    check_tags(keys, values, strings)?;
    let (roles, members, kinds) =
        (roles.unwrap_or_default(), members.unwrap_or_default(), kinds.unwrap_or_default());
    let n = all_strings(roles, strings)?;
    if packed_len(members)? != n || packed_len(kinds)? != n {
        return Err(LENGTHS);
    }
    let mut rest = kinds;
    while !rest.is_empty() {
        if varint(&mut rest)? > 2 {
            return Err(cause("关系成员类型未知", "a relation has a member of an unknown type"));
        }
    }
    Ok(Relation { keys, values, roles, members, kinds, strings: n })
}

impl Relation<'_> {
    pub(in crate::network) fn tags(&self) -> impl Iterator<Item = Tagged> {
        pairs(self.keys, self.values)
    }

    /// Kind, id and role (a string number) of each member.
    pub(in crate::network) fn members(&self) -> Guarded<Vec<(MemberKind, i64, u32)>> {
        let (mut roles, mut kinds, mut ids) = (self.roles, self.kinds, Deltas::new(self.members));
        (0..self.strings)
            .map(|_| {
                let kind = match varint(&mut kinds)? {
                    0 => MemberKind::Node,
                    1 => MemberKind::Way,
                    _ => MemberKind::Relation,
                };
                Ok((kind, ids.next()?, varint(&mut roles)? as u32))
            })
            .collect()
    }
}
