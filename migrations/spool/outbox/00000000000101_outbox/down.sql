DROP TABLE uplink_outbox;
