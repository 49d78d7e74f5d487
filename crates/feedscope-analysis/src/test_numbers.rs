//! Numbers for tests of damaged inputs, the same in each run.

/// Small generator of numbers.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    /// Returns a number below `end`; 0 if there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // xorshift64 (Marsaglia).
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}
