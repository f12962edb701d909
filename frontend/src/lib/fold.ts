/** Without accents and case, đ as d: how a list on the page is filtered. The server does its own for patients. */
export const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
