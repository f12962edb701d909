DROP TABLE entry_scan;
