begin;
update customers set full_name = first_name || ' ' || last_name where full_name is null;
insert into schema_migrations (version) values ('002_fill_full_name.sql');
commit;
