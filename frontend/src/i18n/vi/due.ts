// Until something is due: Vietnamese only, as all of administration.
export default {
  minutesLeft: "còn {n} phút",
  hoursLeft: "còn {n} giờ",
  daysLeft: "còn {n} ngày",
  minutesOver: "quá hạn {n} phút",
  hoursOver: "quá hạn {n} giờ",
  daysOver: "quá hạn {n} ngày",
} as const;
