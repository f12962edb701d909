DROP TABLE result_version;
DROP TABLE result;
DROP TABLE service_order;
DROP TABLE specimen;
DROP TABLE catalog_analyte;
DROP TABLE catalog_item;
