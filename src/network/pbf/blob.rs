//! The outer walk: which blobs does the file hold, where, and do their sizes tell the truth?

use super::wire::{Message, Value, zigzag};
use super::{Cause, Guarded, cause};
use crate::base::{Bounds, Fault, LonLat, Outcome};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The format's own limits.
const HEADER_LIMIT: u32 = 64 << 10;
const BLOB_LIMIT: u64 = 32 << 20;

const UNDERSTOOD: [&str; 2] = ["OsmSchema-V0.6", "DenseNodes"];

const NOT_PBF: Cause = cause("不是 .osm.pbf 文件", "this is not an .osm.pbf file");
const TRUNCATED: Cause =
    cause("文件被截断，请重新下载", "the file ends in the middle of this blob; download it again");
const RAW_SIZE: Cause =
    cause("解压后的长度与声明不符", "it inflates to another length than it declares (raw_size)");
const TOO_LARGE: Cause = cause("数据块超过 32 MiB 上限", "it is larger than the format's limit of 32 MiB");
const EMPTY_BLOB: Cause = cause("数据块没有内容", "it holds no data");
const PACKED_OTHERWISE: Cause = cause(
    "使用了不支持的压缩方式，请转换为 zlib 压缩",
    "it is compressed by a method other than zlib and zstd; convert the map to zlib",
);
const DAMAGED: Cause = cause("压缩内容损坏", "its compressed data are damaged");
const TRAILING: Cause = cause("压缩内容之后有多余字节", "bytes follow its compressed data");
const NO_BOX: Cause = cause("文件头的范围不合法", "the header's bounding box is none");

/// What a blob declares itself to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::network) enum BlobKind {
    Header,
    Data,
}

/// Where a blob stands in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: BlobKind,
    offset: u64,
    size: usize,
}

/// An open map whose blobs have been found; contents are read on demand, from any thread.
#[derive(Debug)]
pub(in crate::network) struct PbfFile {
    file: File,
    path: PathBuf,
    blobs: Vec<Place>,
    /// The rectangle that the header declares.
    bounds: Option<Bounds>,
}

impl PbfFile {
    /// Walks the blobs of `path` and checks the header block.
    ///
    /// # Errors
    /// The file is missing, empty, cut, no PBF, or asks for features this reader lacks.
    pub(in crate::network) fn open(path: &Path) -> Outcome<PbfFile> {
        let file = File::open(path).map_err(|e| Fault::file(path, &e))?;
        let length = file.metadata().map_err(|e| Fault::file(path, &e))?.len();
        let mut pbf = PbfFile { file, path: path.to_path_buf(), blobs: Vec::new(), bounds: None };
        if length == 0 {
            let p = path.display();
            return Err(Fault::refused(
                format!("{p}：文件为空，请换一份地图。"),
                format!("{p}: the file is empty; give another map."),
            ));
        }
        let mut at = 0;
        while at < length {
            let (place, end) = pbf.walk(at, length)?;
            pbf.blobs.push(place);
            at = end;
        }
        pbf.check_header()?;
        Ok(pbf)
    }

    /// The rectangle that the header declares, if it does.
    pub(in crate::network) fn bounds(&self) -> Option<Bounds> {
        self.bounds
    }

    /// Number of blobs, the header included.
    pub(in crate::network) fn len(&self) -> usize {
        self.blobs.len()
    }

    pub(in crate::network) fn kind(&self, blob: usize) -> BlobKind {
        self.blobs[blob].kind
    }

    /// The inflated content of a blob.
    pub(in crate::network) fn content(&self, blob: usize) -> Outcome<Vec<u8>> {
        let place = self.blobs[blob];
        let mut bytes = vec![0; place.size];
        self.file.read_exact_at(&mut bytes, place.offset).map_err(|e| Fault::file(&self.path, &e))?;
        inflate(&bytes).map_err(|c| self.fault(blob, c))
    }

    /// The sentence of `cause` with file and blob.
    pub(in crate::network) fn fault(&self, blob: usize, cause: Cause) -> Fault {
        let (p, offset) = (self.path.display(), self.blobs.get(blob).map_or(0, |b| b.offset));
        let n = blob + 1;
        Fault::refused(
            format!("{p}：第 {n} 个数据块（字节 {offset} 处）：{}。", cause.zh),
            format!("{p}: blob {n} (at byte {offset}): {}.", cause.en),
        )
    }

    /// The blob whose frame begins at `at`, and where the next one begins.
    fn walk(&self, at: u64, length: u64) -> Outcome<(Place, u64)> {
        let bad = |c: Cause| {
            let (p, n) = (self.path.display(), self.blobs.len() + 1);
            Fault::refused(
                format!("{p}：第 {n} 个数据块（字节 {at} 处）：{}。", c.zh),
                format!("{p}: blob {n} (at byte {at}): {}.", c.en),
            )
        };
        let first = self.blobs.is_empty();
        let cut = if first { NOT_PBF } else { TRUNCATED };
        let read = |buffer: &mut [u8], from: u64| {
            if from.checked_add(buffer.len() as u64).is_none_or(|end| end > length) {
                return Err(bad(cut));
            }
            self.file.read_exact_at(buffer, from).map_err(|e| Fault::file(&self.path, &e))
        };
        let mut four = [0; 4];
        read(&mut four, at)?;
        let header_size = u32::from_be_bytes(four);
        if header_size == 0 || header_size > HEADER_LIMIT {
            return Err(bad(if first {
                NOT_PBF
            } else {
                cause("块头长度不合法", "its header length is out of range")
            }));
        }
        let mut header = vec![0; header_size as usize];
        read(&mut header, at + 4)?;
        let (kind, size) =
            frame(&header).map_err(|c| bad(if first && c != TOO_LARGE { NOT_PBF } else { c }))?;
        let offset = at + 4 + u64::from(header_size);
        let end = offset + size;
        if end > length {
            return Err(bad(TRUNCATED));
        }
        match (first, kind) {
            (true, BlobKind::Data) => {
                Err(bad(cause("缺少 OSMHeader 文件头", "the file does not begin with an OSMHeader")))
            }
            (false, BlobKind::Header) => {
                Err(bad(cause("重复的 OSMHeader 文件头", "a second OSMHeader; the file was joined wrongly")))
            }
            _ => Ok((Place { kind, offset, size: size as usize }, end)),
        }
    }

    fn check_header(&mut self) -> Outcome<()> {
        let content = self.content(0)?;
        let mut message = Message(&content);
        while let Some((field, value)) = message.next().map_err(|c| self.fault(0, c))? {
            if field == 1 {
                let bytes = value.bytes().map_err(|c| self.fault(0, c))?;
                self.bounds = Some(header_box(bytes).map_err(|c| self.fault(0, c))?);
            }
            if field != 4 {
                continue;
            }
            let name = String::from_utf8_lossy(value.bytes().map_err(|c| self.fault(0, c))?);
            if !UNDERSTOOD.contains(&name.as_ref()) {
                let p = self.path.display();
                return Err(Fault::refused(
                    format!("{p}：第 1 个数据块：需要不支持的特性“{name}”，请转换地图。"),
                    format!(
                        "{p}: blob 1: it requires the feature '{name}', which is not supported; convert the map."
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// Type and data size of a BlobHeader.
fn frame(header: &[u8]) -> Guarded<(BlobKind, u64)> {
    let (mut kind, mut size) = (None, None);
    let mut message = Message(header);
    while let Some((field, value)) = message.next()? {
        match field {
            1 => {
                kind = Some(match value.bytes()? {
                    b"OSMHeader" => BlobKind::Header,
                    b"OSMData" => BlobKind::Data,
                    _ => return Err(cause("数据块类型未知", "its type is neither OSMHeader nor OSMData")),
                });
            }
            3 => size = Some(value.number()?),
            _ => {}
        }
    }
    let kind = kind.ok_or(cause("块头缺少类型", "its header names no type"))?;
    match size {
        None => Err(cause("块头缺少长度", "its header names no size")),
        Some(n) if n > BLOB_LIMIT => Err(TOO_LARGE),
        Some(n) => Ok((kind, n)),
    }
}

/// Unpacks a whole stream to exactly the length it declares.
type Unpack = fn(&[u8], usize) -> Guarded<Vec<u8>>;

/// The content of a Blob message, inflated to exactly the length it declares.
fn inflate(blob: &[u8]) -> Guarded<Vec<u8>> {
    let (mut raw, mut packed, mut raw_size) = (None, None, None);
    let mut message = Message(blob);
    while let Some((field, value)) = message.next()? {
        match (field, value) {
            (1, Value::Bytes(b)) => raw = Some(b),
            (2, v) => raw_size = Some(v.number()?),
            (3, Value::Bytes(b)) => packed = Some((inflate_exactly as Unpack, b)),
            (7, Value::Bytes(b)) => packed = Some((unpack_zstd_exactly as Unpack, b)),
            (4..=6, _) => return Err(PACKED_OTHERWISE),
            _ => {}
        }
    }
    match (raw, packed, raw_size) {
        (Some(_), Some(_), _) => Err(cause("同时含原始与压缩内容", "it holds both raw and compressed data")),
        (Some(raw), None, size) if raw.len() as u64 > BLOB_LIMIT || size.unwrap_or(0) > BLOB_LIMIT => {
            Err(TOO_LARGE)
        }
        (Some(raw), None, Some(n)) if n != raw.len() as u64 => Err(RAW_SIZE),
        (Some(raw), None, _) => Ok(raw.to_vec()),
        (None, Some(_), None) => Err(cause("压缩块未声明长度", "it is compressed but declares no raw_size")),
        (None, Some(_), Some(n)) if n > BLOB_LIMIT => Err(TOO_LARGE),
        (None, Some((unpack, bytes)), Some(n)) => unpack(bytes, n as usize),
        (None, None, _) => Err(EMPTY_BLOB),
    }
}

fn inflate_exactly(zlib: &[u8], raw_size: usize) -> Guarded<Vec<u8>> {
    // One byte more than declared shows a stream that goes on.
    let mut out = vec![0; raw_size + 1];
    let mut state = flate2::Decompress::new(true);
    let end = state.decompress(zlib, &mut out, flate2::FlushDecompress::Finish).map_err(|_| DAMAGED)?;
    if end != flate2::Status::StreamEnd || state.total_out() != raw_size as u64 {
        return Err(RAW_SIZE);
    }
    if state.total_in() != zlib.len() as u64 {
        return Err(TRAILING);
    }
    out.truncate(raw_size);
    Ok(out)
}

/// As [`inflate_exactly`], of a zstd frame.
fn unpack_zstd_exactly(zstd: &[u8], raw_size: usize) -> Guarded<Vec<u8>> {
    let mut rest = zstd;
    let mut out = Vec::with_capacity(raw_size + 1);
    let decoder = ruzstd::decoding::StreamingDecoder::new(&mut rest).map_err(|_| DAMAGED)?;
    decoder.take(raw_size as u64 + 1).read_to_end(&mut out).map_err(|_| DAMAGED)?;
    match (out.len() == raw_size, rest.is_empty()) {
        (false, _) => Err(RAW_SIZE),
        (true, false) => Err(TRAILING),
        (true, true) => Ok(out),
    }
}

/// The rectangle of a HeaderBBox (left, right, top, bottom in nanodegrees).
fn header_box(bytes: &[u8]) -> Guarded<Bounds> {
    let mut sides = [None; 4];
    let mut message = Message(bytes);
    while let Some((field, value)) = message.next()? {
        if let 1..=4 = field {
            sides[field as usize - 1] = Some(zigzag(value.number()?) as f64 / 1e9);
        }
    }
    let [Some(west), Some(east), Some(north), Some(south)] = sides else { return Err(NO_BOX) };
    let (min, max) = (LonLat { lon: west, lat: south }, LonLat { lon: east, lat: north });
    let fine = min.is_on_earth() && max.is_on_earth() && west <= east && south <= north;
    if fine { Ok(Bounds { min, max }) } else { Err(NO_BOX) }
}
