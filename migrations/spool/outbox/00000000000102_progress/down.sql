DROP TABLE uplink_progress;
