// Whether the chart on the screen takes new words: not one that is only read, nor a record that is closed.
import { createContext, useContext } from "react";

export const WritesContext = createContext(true);
export const useWrites = () => useContext(WritesContext);
