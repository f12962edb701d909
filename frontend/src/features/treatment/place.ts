// Whether a doctor may write in a stay outside their own wards: where they are named, or cover its ward now. Pure.
import type { Duty, Treating } from "@/api";
import { isOn } from "./duty";

export const isNamed = (treating: Treating | undefined, userId: string) => treating?.doctors.some(({ user }) => user.id === userId) ?? false;
export const covers = (duty: Duty | undefined, userId: string, now: number) => duty?.covers.some((cover) => cover.user.id === userId && isOn(cover, now)) ?? false;
