/** Tabulator with the modules that are used, and none of the others. */
import { FormatModule, FrozenColumnsModule, InteractionModule, ResizeColumnsModule, SelectRowModule, SortModule, Tabulator, TooltipModule } from "tabulator-tables";
import "tabulator-tables/dist/css/tabulator_simple.min.css";

Tabulator.registerModule([FormatModule, FrozenColumnsModule, InteractionModule, ResizeColumnsModule, SelectRowModule, SortModule, TooltipModule]);

export { Tabulator as TabulatorFull };
