import common from "./vi/words";
import commonEn from "./en/words";
import { dictionary } from "./dictionary";

export { dictionary, fill, type Translate } from "./dictionary";
export const useCommon = dictionary(common, commonEn);
