DROP TABLE partial_frame; DROP TABLE partial; DROP TABLE receipt;
