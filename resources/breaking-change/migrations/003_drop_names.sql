begin;
alter table customers drop column first_name, drop column last_name;
insert into schema_migrations (version) values ('003_drop_names.sql');
commit;
