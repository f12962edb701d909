DROP INDEX document_version_of_author;
DROP TABLE signed_sheet;
