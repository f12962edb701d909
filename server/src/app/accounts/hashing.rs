//! Room for hashing: argon2 takes 19 MiB a time on purpose, and anybody may ask for it at the login.
//!
//! A few hash at once, a short queue waits, and whoever comes on top is told to come again. The room is the process's,
//! not a hospital's, because memory is.

use crate::app::AppError;
use crate::app::error::Kind;
use tokio::sync::{Semaphore, SemaphorePermit};

/// 76 MiB at most, and enough for forty people who log in at the change of shift to be through in a second or two.
static AT_ONCE: Semaphore = Semaphore::const_new(4);
/// Logins that hash or wait.
static ADMITTED: Semaphore = Semaphore::const_new(64);

/// A place in the queue at the login, to be held until it is over. Who is logged in needs none: they are known, and few.
pub fn at_the_door() -> Result<SemaphorePermit<'static>, AppError> {
    ADMITTED.try_acquire().map_err(|_| busy())
}

/// Runs `work` off the async threads when it has its turn.
pub async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    let turn = AT_ONCE.acquire().await.map_err(|_| AppError::Internal("no more hashing".into()))?;
    // The turn goes along: a caller who stops waiting does not stop the hashing.
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    done.await.map_err(|_| AppError::Internal("hashing was cut off".into()))
}

fn busy() -> AppError {
    AppError::refused(Kind::Busy, "busy", "Nhiều người đang đăng nhập cùng lúc: thử lại sau vài giây.")
}
