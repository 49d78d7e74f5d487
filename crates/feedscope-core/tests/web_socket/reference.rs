//! Plain implementation of inflation by RFC 1951, one bit at a time. It also returns the maximum distance of a
//! reference.

/// Order of the lengths of code length codes (RFC 1951 3.2.7).
const CODE_LENGTH_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// Base values of lengths (RFC 1951 3.2.5).
const LENGTH_BASE: [usize; 29] = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
];
const LENGTH_BITS: [u32; 29] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE: [usize; 30] = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_BITS: [u32; 30] = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
    13,
];

/// Content of a stream of blocks. Its bytes must end between two blocks.
pub(crate) struct Inflated {
    pub(crate) data: Vec<u8>,
    /// Maximum distance of a reference.
    pub(crate) farthest: usize,
}

/// Inflates valid data; panics on invalid data.
pub(crate) fn inflate(bytes: &[u8]) -> Inflated {
    let mut bits = Bits { bytes, at: 0 };
    let mut inflated = Inflated {
        data: Vec::new(),
        farthest: 0,
    };
    while bits.at < bytes.len() * 8 {
        let last = bits.take(1);
        assert_eq!(last, 0, "a final block");
        match bits.take(2) {
            0 => stored(&mut bits, &mut inflated),
            1 => {
                let lengths: Vec<u8> = (0..288)
                    .map(|symbol| match symbol {
                        144..=255 => 9,
                        256..=279 => 7,
                        _ => 8,
                    })
                    .collect();
                block(
                    &mut bits,
                    &Code::new(&lengths),
                    &Code::new(&[5; 30]),
                    &mut inflated,
                );
            }
            2 => {
                let (literals, distances) = codes(&mut bits);
                block(&mut bits, &literals, &distances, &mut inflated);
            }
            kind => panic!("a block of kind {kind}"),
        }
    }
    inflated
}

fn stored(bits: &mut Bits<'_>, inflated: &mut Inflated) {
    bits.at = bits.at.next_multiple_of(8);
    let length = bits.take(16);
    assert_eq!(bits.take(16), length ^ 0xFFFF);
    for _ in 0..length {
        inflated.data.push(bits.take(8) as u8);
    }
}

fn block(bits: &mut Bits<'_>, literals: &Code, distances: &Code, inflated: &mut Inflated) {
    loop {
        match literals.read(bits) {
            literal @ 0..=255 => inflated.data.push(literal as u8),
            256 => return,
            symbol => {
                let length = LENGTH_BASE[symbol - 257] + bits.take(LENGTH_BITS[symbol - 257]);
                let symbol = distances.read(bits);
                let distance = DISTANCE_BASE[symbol] + bits.take(DISTANCE_BITS[symbol]);
                inflated.farthest = inflated.farthest.max(distance);
                for _ in 0..length {
                    let at = inflated.data.len() - distance;
                    inflated.data.push(inflated.data[at]);
                }
            }
        }
    }
}

/// Parses the two codes of a block (RFC 1951 3.2.7).
fn codes(bits: &mut Bits<'_>) -> (Code, Code) {
    let literals = 257 + bits.take(5);
    let distances = 1 + bits.take(5);
    let mut lengths = [0; 19];
    for &symbol in &CODE_LENGTH_ORDER[..4 + bits.take(4)] {
        lengths[symbol] = bits.take(3) as u8;
    }
    let code = Code::new(&lengths);
    let mut lengths = Vec::new();
    while lengths.len() < literals + distances {
        let (length, times) = match code.read(bits) {
            16 => (lengths[lengths.len() - 1], 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            length => (length as u8, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times));
    }
    let (literals, distances) = lengths.split_at(literals);
    (Code::new(literals), Code::new(distances))
}

/// Huffman code (RFC 1951 3.2.2): for each length its first code, and the symbols of that length in order.
struct Code {
    first: [usize; 16],
    symbols: [Vec<usize>; 16],
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut symbols: [Vec<usize>; 16] = std::array::from_fn(|_| Vec::new());
        for (symbol, &length) in lengths.iter().enumerate() {
            if length > 0 {
                symbols[usize::from(length)].push(symbol);
            }
        }
        let mut first = [0; 16];
        for length in 1..16 {
            first[length] = (first[length - 1] + symbols[length - 1].len()) << 1;
        }
        Self { first, symbols }
    }

    fn read(&self, bits: &mut Bits<'_>) -> usize {
        let mut code = 0;
        for length in 1..16 {
            code = code << 1 | bits.take(1);
            let index = code.wrapping_sub(self.first[length]);
            if let Some(&symbol) = self.symbols[length].get(index) {
                return symbol;
            }
        }
        panic!("no such code");
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    /// Position in bits.
    at: usize,
}

impl Bits<'_> {
    /// Returns the next bits, with the first one lowest.
    fn take(&mut self, count: u32) -> usize {
        let mut value = 0;
        for index in 0..count {
            let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
            value |= usize::from(bit) << index;
            self.at += 1;
        }
        value
    }
}

#[test]
fn blocks_of_all_kinds_are_inflated() {
    let hello = |bytes: &[u8]| {
        let Inflated { data, farthest } = inflate(bytes);
        assert_eq!(data.escape_ascii().to_string(), "Hello");
        farthest
    };
    let tail = [0x00, 0x00, 0x00, 0xFF, 0xFF];
    let fixed = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07];
    let stored = [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F];
    assert_eq!(hello(&[&fixed[..], &tail].concat()), 0);
    assert_eq!(hello(&stored), 0);
    let again = [0xF2, 0x00, 0x11, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF];
    let twice = inflate(&[&fixed[..], &tail, &again].concat());
    assert_eq!(twice.data, b"HelloHello");
    assert_eq!(twice.farthest, 5);
}
