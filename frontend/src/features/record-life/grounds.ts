// Words of the server for why a record is kept longer, and why it is held.
export const GROUNDS = [["domestic-accident", "domesticAccident"], ["occupational-accident", "occupationalAccident"], ["traffic-accident", "trafficAccident"], ["psychiatric", "psychiatric"], ["cosmetic", "cosmetic"], ["transplant", "transplant"], ["medical-incident", "medicalIncident"]] as const;
/** Death is an outcome of the stay; the record room may still have to say so. */
export const ALL_GROUNDS = [...GROUNDS, ["death", "death"]] as const;
export const HOLDS = [["court", "court"], ["investigation", "investigation"], ["inspection", "inspection"], ["dispute", "dispute"], ["insurance", "insurance"]] as const;
