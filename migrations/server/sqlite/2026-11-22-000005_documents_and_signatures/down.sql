DROP TABLE signature;
DROP TABLE document_version;
DROP TABLE blob;
DROP TABLE document;
