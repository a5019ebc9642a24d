-- The default order of a search. Annual products give a whole partition one datetime, so without `collection` and `id`
-- in the index every page sorts all of it. The template is where pgstac keeps what each partition's indexes should be:
-- an index that is not on it would count as an orphan and be dropped by maintain_partitions.
CREATE INDEX IF NOT EXISTS items_annual_idx ON pgstac.items (datetime DESC, collection DESC, id DESC);
CREATE INDEX IF NOT EXISTS items_annual_template_idx
  ON pgstac.queryable_index_template (datetime DESC, collection DESC, id DESC);
