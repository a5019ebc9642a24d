// Settings of STAC Browser 4 for this atlas. Before it is built, put
//   this file as public/config.js, and take the comment away from the line of public/index.html that loads it,
//   schemas/emb/v0.1.0/fields.config.js over its own fields.config.js: it holds the labels of the `emb` fields.
// (Building 4.0.1 needs ol-stac 1.1.0, which its package.json does not fix: npm install --save-exact ol-stac@1.1.0)
window.STAC_BROWSER_CONFIG = {
  // with the slash at the end: it resolves its own addresses against this one
  catalogUrl: "http://127.0.0.1:8000/stac/",
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
