//! The templates of a project's files.

/// What a project starts with, but for its system: path and template.
pub(super) const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../../project/Cargo.toml.jinja")),
    (
        "rust-toolchain.toml",
        include_str!("../../../rust-toolchain.toml"),
    ),
    (
        ".cargo/config.toml",
        include_str!("../../project/config.toml"),
    ),
    (".gitignore", include_str!("../../project/gitignore")),
    ("README.md", include_str!("../../project/README.md.jinja")),
    (
        "firmware/Cargo.toml",
        include_str!("../../project/firmware/Cargo.toml.jinja"),
    ),
    (
        "firmware/build.rs",
        include_str!("../../project/firmware/build.rs"),
    ),
    (
        "firmware/src/main.rs",
        include_str!("../../project/firmware/main.rs.jinja"),
    ),
    (
        "services/Cargo.toml",
        include_str!("../../project/services/Cargo.toml.jinja"),
    ),
    (
        "services/build.rs",
        include_str!("../../project/services/build.rs"),
    ),
    (
        "services/src/lib.rs",
        include_str!("../../project/services/lib.rs.jinja"),
    ),
    (
        "partitions/control/Cargo.toml",
        include_str!("../../project/partition/Cargo.toml.jinja"),
    ),
    (
        "partitions/control/build.rs",
        include_str!("../../project/partition/build.rs.jinja"),
    ),
    (
        "partitions/control/src/main.rs",
        include_str!("../../project/partition/main.rs.jinja"),
    ),
    ("rootfs/init", include_str!("../../project/rootfs/init")),
    (
        "tests/system.toml",
        include_str!("../../project/tests/system.toml.jinja"),
    ),
];

/// And with handlers in C.
pub(super) const IN_C: (&str, &str) = (
    "services/c/jobs.c",
    include_str!("../../project/services/jobs.c"),
);

/// And where there are services.
pub(super) const WITH_SERVICES: (&str, &str) = (
    "programs/jobs-done.c",
    include_str!("../../project/programs/jobs-done.c"),
);
