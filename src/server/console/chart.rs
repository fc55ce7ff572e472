//! Charts as SVG, with their numbers as a table. The plot is stretched to the place there is, so its labels
//! are text outside it.
//!
//! | module | |
//! |---|---|
//! | `figure` | plots one above the other, with the labels of the time |
//! | `plot` | lines, bars, gaps, marks and limits as SVG |
//! | `marks` | colours, gaps, restarts and legends |
//! | `scale` | the top of an axis, and numbers as short as an axis has them |
//! | `meter`, `spark` | how much of a limit is used up; a few bars beside a number |
//! | `table` | the same numbers, for whoever cannot see them |

mod figure;
mod marks;
mod meter;
mod plot;
mod scale;
mod spark;
mod table;

pub(super) use self::figure::Figure;
pub(super) use self::marks::{Colour, Marks, inline_swatch, limit_key, swatch};
pub(super) use self::meter::meter;
pub(super) use self::plot::{Plot, Shape};
pub(super) use self::scale::fitting;
pub(super) use self::spark::{BARS, spark};
pub(super) use self::table::{Row, Table};
