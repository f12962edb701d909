import common from "./vi/common";
import commonEn from "./en/common";
import { dictionary } from "./dictionary";

export { dictionary, fill, type Translate } from "./dictionary";
export const useCommon = dictionary(common, commonEn);
