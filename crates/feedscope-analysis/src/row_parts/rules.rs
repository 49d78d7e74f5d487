//! Rules for the values that rows are shown without.

/// Number of payloads of one shape from which they are compared.
pub(super) const LEAST_PAYLOADS: usize = 2;

/// Number of values from which an equal one is left out. Fewer may be equal by chance.
pub(super) const LEAST_VALUES: usize = 4;

/// Amount that is left out. Each step includes the ones before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldingDepth {
    /// Equal beginnings.
    #[default]
    Beginnings,
    /// Equal parts anywhere.
    EqualParts,
    /// Identifiers and times, which differ in each row without distinguishing it for a reader.
    Identifiers,
    /// Short values before a text, as far as the text would be out of sight.
    ValuesBeforeText,
}

/// Shape of a payload and path of a value in it.
pub(super) type RuleKey = (u64, u64);

/// Rule for one value of a shape.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rule {
    /// Text before the value that is left out, such as its key, as a hash.
    pub(super) lead: Option<u64>,
    /// Value that is left out, as a hash.
    pub(super) value: Option<u64>,
    /// Any value is left out.
    pub(super) gives_way: bool,
}

impl Rule {
    /// Returns true if the values are shown.
    pub(super) fn shows_value(self) -> bool {
        self.value.is_none() && !self.gives_way
    }
}

/// Rules of all shapes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    /// Rules in the order of their keys.
    list: Vec<(RuleKey, Rule)>,
}

impl Rules {
    /// Takes rules in the order of their keys.
    pub(super) fn new(list: Vec<(RuleKey, Rule)>) -> Self {
        debug_assert!(list.is_sorted_by_key(|(key, _)| *key));
        Self { list }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn get(&self, key: RuleKey) -> Option<Rule> {
        let at = self.list.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        Some(self.list[at].1)
    }

    /// Leaves out any value with this key.
    pub(super) fn let_give_way(&mut self, key: RuleKey) {
        if let Ok(at) = self.list.binary_search_by_key(&key, |(key, _)| *key) {
            self.list[at].1.gives_way = true;
        }
    }
}
