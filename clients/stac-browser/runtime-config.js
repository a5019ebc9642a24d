// Settings of STAC Browser 3 for this atlas: put the file beside its index.html, and
// schemas/emb/v1.0.0/fields.config.js over its own fields.config.js before it is built.
window.STAC_BROWSER_CONFIG = {
  catalogUrl: "http://127.0.0.1:8000/stac",
  catalogTitle: "Earth Embedding Atlas",
  // only the atlas: its Items name files elsewhere, which the browser need not open
  allowExternalAccess: false,
  // the taxonomy first, not the flat list of Collections
  apiCatalogPriority: "childs",
  cardViewMode: "list",
  cardViewSort: "asc",
  itemsPerPage: 20,
  showKeywordsInCatalogCards: true,
  // assets are vectors, not pictures: nothing to show on a map
  displayGeoTiffByDefault: false,
  useTileLayerAsFallback: false,
  buildTileUrlTemplate: null
};
