declare module "plotly.js-cartesian-dist-min";
declare module "tabulator-tables";
declare module "*.css";
