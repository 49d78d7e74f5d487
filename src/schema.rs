//! Files of schemas for the decoder of Protocol Buffers.

use std::path::{Path, PathBuf};

use feedscope_analysis::decoders::Schema;

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;

/// Reads a `.proto` file or a descriptor set. The schema is named by its path, so that it can be read again later.
///
/// # Errors
///
/// Returns a sentence that begins with the path.
pub(crate) fn load(path: &Path) -> Result<Schema, String> {
    let named = |problem: String| format!("{}: {problem}", path.display());
    let size = std::fs::metadata(path).map_err(|error| named(error.to_string()))?;
    if !size.is_file() || size.len() > MAX_BYTES {
        return Err(named("is no file of up to 64 MiB".to_owned()));
    }
    // A later run may begin in another folder.
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let of_whole = |schema: Schema| schema.named(&whole.to_string_lossy());
    let is_text = path
        .extension()
        .is_some_and(|extension| extension == "proto");
    if !is_text {
        let bytes = std::fs::read(path).map_err(|error| named(error.to_string()))?;
        return Schema::from_descriptor_set(&bytes)
            .map(of_whole)
            .map_err(named);
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| named("the name is not UTF-8".to_owned()))?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let read = move |name: &str| read_import(&folder, name);
    Schema::compile(name, read).map(of_whole).map_err(named)
}

/// Reads an imported file. It may be relative to a folder above, as in a package of several folders.
fn read_import(folder: &Path, name: &str) -> Option<String> {
    const MOST_FOLDERS: usize = 8;
    let mut folders = folder.ancestors().take(MOST_FOLDERS);
    folders.find_map(|folder| {
        let path: PathBuf = folder.join(name);
        std::fs::read_to_string(path).ok()
    })
}

#[cfg(test)]
mod tests {
    use feedscope_analysis::decoders::Chain;

    use super::*;

    #[test]
    fn a_schema_has_the_path_under_which_it_can_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.proto");
        std::fs::write(
            &path,
            "syntax = \"proto3\"; message Order { uint32 id = 1; }",
        )
        .unwrap();
        let schema = load(&path).unwrap();
        let chain = Chain::parse("protobuf", Some(&schema)).unwrap();
        assert_eq!(chain.to_string(), "protobuf:Order");
        assert_eq!(chain.schema(), Some(&*path.to_string_lossy()));
        let missing = load(&folder.path().join("other.proto")).unwrap_err();
        assert!(missing.contains("other.proto: "), "{missing}");
        assert!(load(folder.path()).is_err());
    }
}
