//! Lab and imaging orders: from a doctor's request to a result, by named steps.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderKind {
    Lab,
    Imaging,
}

impl OrderKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lab => "lab",
            Self::Imaging => "imaging",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Lab, Self::Imaging].into_iter().find(|s| s.as_str() == text)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    Ordered,
    /// The specimen is taken (lab only).
    Collected,
    InProgress,
    Resulted,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderStep {
    Collect,
    Start,
    Result,
    Cancel,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Chỉ định đang ở trạng thái khác: tải lại danh sách")]
pub struct NotInThisState;

impl OrderState {
    pub fn after(self, step: OrderStep) -> Result<Self, NotInThisState> {
        use {OrderState as S, OrderStep as T};
        match (self, step) {
            (S::Ordered, T::Collect) => Ok(S::Collected),
            (S::Ordered | S::Collected, T::Start) => Ok(S::InProgress),
            // A result may come before anyone pressed "collected": the tube is the proof.
            (S::Ordered | S::Collected | S::InProgress | S::Resulted, T::Result) => Ok(S::Resulted),
            (S::Ordered | S::Collected, T::Cancel) => Ok(S::Cancelled),
            _ => Err(NotInThisState),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Collected => "collected",
            Self::InProgress => "in-progress",
            Self::Resulted => "resulted",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ordered, Self::Collected, Self::InProgress, Self::Resulted, Self::Cancelled]
            .into_iter()
            .find(|s| s.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_order_takes_no_result() {
        let cancelled = OrderState::Ordered.after(OrderStep::Cancel).expect("not started");
        assert_eq!(cancelled.after(OrderStep::Result), Err(NotInThisState));
        assert_eq!(OrderState::Resulted.after(OrderStep::Cancel), Err(NotInThisState));
    }
}
