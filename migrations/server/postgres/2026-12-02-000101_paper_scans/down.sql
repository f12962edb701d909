DROP TABLE paper_scan_event;
DROP TABLE paper_scan;
DROP TABLE paper_print;
