// The board, with what a hospital has on it that keeps doctors to their own patients.
import { AskedStays, DutyButton } from "@/features/treatment";
import { WardBoardPage } from "@/features/ward-board";
import { useSession } from "@/lib/session";

/** All of the board that is left to a doctor without a ward. */
export { AskedStays } from "@/features/treatment";

export function BoardPage() {
  const { treatmentScope, user: { role } } = useSession().session;
  return <WardBoardPage actions={treatmentScope && <DutyButton />} above={treatmentScope && role === "doctor" && <AskedStays />} />;
}
