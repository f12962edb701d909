DROP TABLE archive_stamp;
DROP TABLE archive_leaf;
