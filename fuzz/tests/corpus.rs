//! Everything that is kept: what is right, by names that begin with `good`, and what fuzzing found or may start from.

use std::fs;
use std::path::Path;

use cofferdam_fuzz::TARGETS;

#[test]
fn what_is_kept_does_no_harm() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (target, body) in TARGETS {
        let mut good = 0;
        for file in fs::read_dir(corpus.join(target)).expect("its folder") {
            let path = file.expect("a file").path();
            eprintln!("{}", path.display());
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let used = body(&fs::read(&path).expect("a file that can be read"));
            if name.starts_with("good") {
                assert!(used, "what is right is refused: {}", path.display());
                good += 1;
            }
        }
        assert!(good > 0, "nothing right for {target}");
    }
}
