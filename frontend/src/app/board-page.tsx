// The board, with what a hospital has on it that keeps doctors to their own patients.
import { AskedStays, DutyButton, useFreshWards } from "@/features/treatment";
import { WardBoardPage } from "@/features/ward-board";
import { useSession } from "@/lib/session";

export function BoardPage() {
  const { treatmentScope, user: { role } } = useSession().session;
  const kept = treatmentScope && role === "doctor";
  useFreshWards(kept);
  return <WardBoardPage actions={treatmentScope && <DutyButton />} above={kept && <AskedStays />} />;
}

/** All of the board that is left to a doctor without a ward, until they cover one. */
export function BoardWithoutWard() {
  useFreshWards(true);
  return <AskedStays />;
}
