// What colleagues are called, shared by the picker and the lists in which they stand.
import { dictionary } from "./dictionary";
import en from "./en/colleagues";
import vi from "./vi/colleagues";

export const useColleagueText = dictionary(vi, en);
