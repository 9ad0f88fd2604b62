begin;
alter table customers drop column full_name;
delete from schema_migrations where version = '001_add_full_name.sql';
commit;
