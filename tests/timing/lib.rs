//! Whether the time of a refusal tells more than its text: dudect's method (Reparaz, Balasch, Verbauwhede:
//! "Dude, is my code constant time?", 2017).
//!
//! Requests of two kinds are decided in a random order, and each is timed alone. When Welch's t-test finds
//! the mean times of the two kinds different, so can whoever sends such requests.
//!
//! | module | |
//! |---|---|
//! | [`question`] | which kinds are compared, and what must be found |
//! | [`experiment`] | two kinds of requests in a random order, timed |
//! | [`subject`] | the gate that is timed, and the requests of each kind |
//! | [`cropped`], [`welch`] | the t-test, also without the slowest measurements |
//! | [`random`] | random numbers that are the same in every run |

pub mod cropped;
pub mod experiment;
pub mod question;
pub mod random;
pub mod subject;
pub mod welch;
