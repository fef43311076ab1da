//! The palette of `maps/style.json`, shared by the page and the printed maps.

use crate::base::{Fault, Outcome, Seconds};
use serde::Deserialize;

/// A colour, red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Colour(pub [u8; 3]);

impl TryFrom<String> for Colour {
    type Error = String;
    fn try_from(text: String) -> Result<Colour, String> {
        let digits = text.strip_prefix('#').filter(|d| d.len() == 6);
        let number = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let number = number.ok_or_else(|| format!("the colour '{text}' should read like #08418a"))?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Colour([r, g, b]))
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// Roads of one grey.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RoadStyle {
    pub colour: Colour,
    /// Width in pixels of the large map.
    pub width: f32,
    /// Values of `highway` drawn this way.
    pub highways: Vec<String>,
}

/// How a dot is drawn: the break at the limit shows without colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mark {
    Disc,
    Ring,
}

/// One step of the ramp.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Step {
    /// Last minute of the step, inclusive; none: no end.
    #[serde(default)]
    pub up_to_min: Option<u32>,
    pub colour: Colour,
    pub mark: Mark,
    pub zh: String,
}

/// Colours of pins.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pin {
    pub fill: Colour,
    pub digits: Colour,
}

/// Everything a printed map needs.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Style {
    pub land: Colour,
    pub ink: Colour,
    pub label: Colour,
    pub halo: Colour,
    pub frame: Colour,
    pub grid_outline: Colour,
    pub roads: Vec<RoadStyle>,
    pub minutes: Vec<Step>,
    pub unknown: Step,
    pub outlet: Pin,
}

impl Style {
    /// The style shipped with the program.
    ///
    /// # Errors
    /// `maps/style.json` is damaged; the sentence says where.
    pub(super) fn shipped() -> Outcome<Style> {
        serde_json::from_str(include_str!("../../maps/style.json")).map_err(|e| {
            Fault::refused(
                format!("maps/style.json 有误（{e}），请恢复原文件后重新编译。"),
                format!("maps/style.json is damaged ({e}); restore it and build again."),
            )
        })
    }

    /// Position of the ramp's step for a travel time; `None` stands for "not known".
    pub(super) fn step(&self, time: Option<Seconds>) -> Option<usize> {
        let seconds = time?.0;
        self.minutes.iter().position(|s| s.up_to_min.is_none_or(|m| seconds <= m.saturating_mul(60)))
    }

    /// Position of the road style of a `highway` value; `None`: not drawn.
    pub(super) fn road(&self, highway: &str) -> Option<usize> {
        self.roads.iter().position(|r| r.highways.iter().any(|h| h == highway))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_minutes_is_a_disc_and_one_second_more_a_ring() {
        let style = Style::shipped().unwrap();
        let mark = |s| style.minutes[style.step(Some(Seconds(s))).unwrap()].mark;
        assert_eq!(
            (mark(0), mark(1800), mark(1801), mark(5400)),
            (Mark::Disc, Mark::Disc, Mark::Ring, Mark::Ring)
        );
        assert_eq!(style.step(None), None);
    }

    #[test]
    fn a_colour_is_read_and_written_alike() {
        let colour = Colour::try_from("#08418a".to_string()).unwrap();
        assert_eq!((colour, colour.to_string().as_str()), (Colour([8, 65, 138]), "#08418a"));
        assert!(Colour::try_from("blue".to_string()).unwrap_err().contains("#08418a"));
    }
}
