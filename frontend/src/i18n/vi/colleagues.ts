// Colleagues, found by name or role, wherever one of them is asked for something about a patient.
export default {
  find: "Tìm theo tên hoặc vai trò",
  colleagues: "Người có thể chọn",
  noMatch: "Không có ai như vậy, hoặc người đó đã có tên.",
  noneLeft: "Không còn ai để chọn.",
  candidatesFailed: "Chưa tải được danh sách nhân viên",
  chosen: "Đã chọn",
  saidChosen: "Đã chọn {name}.",
  drop: "Bỏ chọn {name}",

  "role-nurse": "Điều dưỡng",
  "role-head-nurse": "Điều dưỡng trưởng",
  "role-doctor": "Bác sĩ",
  "role-lab-technician": "Kỹ thuật viên xét nghiệm",
  "role-radiologist": "Bác sĩ chẩn đoán hình ảnh",
  "role-record-room": "Phòng lưu trữ hồ sơ",
  "role-director": "Lãnh đạo bệnh viện",
  "role-administrator": "Quản trị viên",
  "role-auditor": "Kiểm tra viên",
  "role-outsider": "Người ngoài được cho đọc",
} as const;
