//! The shipped module itself: what it imports, what it costs, and that it does not grow.
