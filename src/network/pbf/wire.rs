//! Protocol-buffer fields, read with every length checked.

use super::{Cause, Guarded, cause};

const CUT: Cause = cause("数据块内容中断", "its content ends in the middle of a field");
const LONG_NUMBER: Cause = cause("数字编码超过 64 位", "a number is longer than 64 bits");
const WIRE_TYPE: Cause = cause("字段类型不符", "a field has the wrong wire type");
const OVERFLOW: Cause = cause("差分编码溢出", "a delta overflows 64 bits");

/// The value of one field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    /// A fixed32 or fixed64, which the format never uses.
    Fixed,
}

impl<'a> Value<'a> {
    pub(super) fn bytes(self) -> Guarded<&'a [u8]> {
        if let Value::Bytes(b) = self { Ok(b) } else { Err(WIRE_TYPE) }
    }

    pub(super) fn number(self) -> Guarded<u64> {
        if let Value::Number(n) = self { Ok(n) } else { Err(WIRE_TYPE) }
    }

    /// A protobuf `int64` (two's complement, not zigzag).
    pub(super) fn int64(self) -> Guarded<i64> {
        self.number().map(u64::cast_signed)
    }
}

/// Walks the fields of one message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a>(pub(super) &'a [u8]);

impl<'a> Message<'a> {
    /// The next field's number and value; `None` at the end.
    pub(super) fn next(&mut self) -> Guarded<Option<(u64, Value<'a>)>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = varint(&mut self.0)?;
        let value = match key & 7 {
            0 => Value::Number(varint(&mut self.0)?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let n = varint(&mut self.0)?;
                Value::Bytes(self.take(usize::try_from(n).map_err(|_| CUT)?)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return Err(WIRE_TYPE),
        };
        Ok(Some((key >> 3, value)))
    }

    fn take(&mut self, n: usize) -> Guarded<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n).ok_or(CUT)?;
        self.0 = tail;
        Ok(head)
    }
}

/// One base-128 number off the front of `bytes`.
#[inline]
pub(super) fn varint(bytes: &mut &[u8]) -> Guarded<u64> {
    let mut value = 0_u64;
    for (i, &b) in bytes.iter().enumerate().take(10) {
        if i == 9 && b > 1 {
            return Err(LONG_NUMBER);
        }
        value |= u64::from(b & 0x7f) << (7 * i);
        if b < 0x80 {
            *bytes = &bytes[i + 1..];
            return Ok(value);
        }
    }
    Err(if bytes.len() < 10 { CUT } else { LONG_NUMBER })
}

/// How many numbers a packed field holds.
pub(super) fn packed_len(bytes: &[u8]) -> Guarded<usize> {
    match bytes.last() {
        Some(b) if *b >= 0x80 => Err(CUT),
        _ => Ok(bytes.iter().filter(|b| **b < 0x80).count()),
    }
}

/// Zigzag: 0, -1, 1, -2 … from 0, 1, 2, 3 …
#[inline]
pub(super) fn zigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -((n & 1).cast_signed())
}

/// A packed array of zigzag deltas, summed up as it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deltas<'a> {
    bytes: &'a [u8],
    sum: i64,
}

impl<'a> Deltas<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Deltas { bytes, sum: 0 }
    }

    /// The next sum. Call at most [`packed_len`] times.
    #[inline]
    pub(super) fn next(&mut self) -> Guarded<i64> {
        let delta = zigzag(varint(&mut self.bytes)?);
        self.sum = self.sum.checked_add(delta).ok_or(OVERFLOW)?;
        Ok(self.sum)
    }
}
