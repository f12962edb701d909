//! Keys that live outside the database and its backups.

/// Read once from the data directory's `secrets/`, or made there at first start.
pub struct Secrets {
    /// Second half of every wrapped signing key, and argon2's secret for PINs and passwords.
    pub server_key: [u8; 32],
    /// What the gateway and the bridge show to deliver.
    pub ingest_token: String,
    /// What the server shows to the bridge to read pixels.
    pub pixels_token: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}
