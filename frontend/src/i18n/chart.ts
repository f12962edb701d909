// The chart's texts, shared by the features that make up a chart.
import { dictionary, type Translate } from "./dictionary";
import en from "./en/chart";
import vi from "./vi/chart";

export const useChartText = dictionary(vi, en);
export type ChartText = Translate<typeof vi>;
