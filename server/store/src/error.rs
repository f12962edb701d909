//! What can go wrong below the use cases. A broken database is never "not found".

use diesel::result::{ConnectionError, DatabaseErrorKind, Error};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database URL must begin with sqlite: or postgres://")]
    BadUrl,
    #[error("this program was built without PostgreSQL: rebuild with the feature `postgres`")]
    BuiltWithoutPostgres,
    #[error("cannot reach the database")]
    Connect(#[source] ConnectionError),
    #[error("cannot {operation}")]
    Database {
        operation: &'static str,
        #[source]
        source: Error,
    },
    /// A value that only one row may have: a bed, a number, a code.
    #[error("another row of {table} has this value")]
    Taken { table: String },
    /// The sender's fault, whoever it is: PostgreSQL keeps no U+0000.
    #[error("cannot {operation}: a text holds a character that the database cannot keep")]
    UnfitText { operation: &'static str },
    #[error("row {id} of {table} has an impossible {column}")]
    Corrupt { table: &'static str, column: &'static str, id: String },
    /// Nothing of the batch was kept.
    #[error("the transaction could not be committed: {0}")]
    Commit(String),
    #[error(transparent)]
    Keys(#[from] crate::keys::KeyError),
    #[error("migrations failed: {0}")]
    Migrate(String),
    #[error("the database is shutting down")]
    Closed,
    #[error("a database operation panicked")]
    Panicked,
}

impl From<Error> for StoreError {
    fn from(source: Error) -> Self {
        Self::named("run a statement", source)
    }
}

impl StoreError {
    pub(crate) fn connect(source: ConnectionError) -> Self {
        Self::Connect(source)
    }

    /// `query.map_err(StoreError::db("read a patient"))`
    pub(crate) fn db(operation: &'static str) -> impl FnOnce(Error) -> Self {
        move |source| Self::named(operation, source)
    }

    pub(crate) fn named(operation: &'static str, source: Error) -> Self {
        if let Error::DatabaseError(DatabaseErrorKind::UniqueViolation, info) = &source {
            // PostgreSQL names the table; SQLite says "UNIQUE constraint failed: table.column, …".
            let table = info.table_name().map(str::to_owned).or_else(|| {
                info.message().rsplit(": ").next().and_then(|columns| columns.split('.').next()).map(str::to_owned)
            });
            return Self::Taken { table: table.unwrap_or_default() };
        }
        // 22021, which diesel does not name; the byte stands in the message in every language of the server.
        if let Error::DatabaseError(DatabaseErrorKind::Unknown, info) = &source
            && info.message().contains("0x00")
        {
            return Self::UnfitText { operation };
        }
        Self::Database { operation, source }
    }

    /// The same call may succeed later: the database is away, full, busy, or lost a race for its own order.
    pub fn is_unavailable(&self) -> bool {
        use DatabaseErrorKind as Kind;
        match self {
            Self::Connect(_) | Self::Commit(_) | Self::Closed | Self::Panicked => true,
            Self::Database { source: Error::DatabaseError(kind, info), .. } => match kind {
                Kind::ClosedConnection | Kind::UnableToSendCommand => true,
                Kind::SerializationFailure | Kind::ReadOnlyTransaction => true,
                Kind::Unknown => out_of_resources(info.message()),
                _ => false,
            },
            Self::Database { source: Error::BrokenTransactionManager, .. } => true,
            _ => false,
        }
    }

    pub fn corrupt(table: &'static str, column: &'static str, id: &str) -> Self {
        Self::Corrupt { table, column, id: id.to_owned() }
    }

    /// The value belongs to another row of `table`.
    pub fn is_taken(&self, table: &str) -> bool {
        matches!(self, Self::Taken { table: t } if t == table)
    }
}

/// In the words of SQLite and of PostgreSQL in English: neither gives diesel a code for these.
fn out_of_resources(message: &str) -> bool {
    let words = ["disk", "is full", "no space", "out of memory", "locked", "busy", "connection", "shutting down"];
    let message = message.to_lowercase();
    words.iter().any(|word| message.contains(word))
}

/// Reads an id column, or says which row is broken.
pub(crate) fn id<T: std::str::FromStr>(text: &str, table: &'static str, column: &'static str) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::corrupt(table, column, text))
}

/// The same for a column that may be empty.
pub(crate) fn maybe_id<T: std::str::FromStr>(
    text: Option<&str>,
    table: &'static str,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    text.map(|t| id(t, table, column)).transpose()
}
