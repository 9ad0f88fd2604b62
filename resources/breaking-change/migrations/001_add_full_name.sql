begin;
create table if not exists schema_migrations (version text primary key, applied_at timestamptz not null default now());
alter table customers add column full_name text;
insert into schema_migrations (version) values ('001_add_full_name.sql');
commit;
