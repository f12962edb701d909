//! The eleven groups of `HoSoBenhAn`, their fields in the annex's order. `sovaovien` joins them.
//!
//! Groups 6 and 7 stay empty although the record has images and results: the names of their inner fields are not known
//! to us yet, and an invented name would be read as a value. The data are in the package beside.

use super::node::Node;
use super::reading::{Bodies, Signs};
use super::words::{age, date, day, days, moment, sex};
use crate::facts::{Facts, Order};

pub fn record(facts: &Facts, bodies: &Bodies) -> Node {
    let without = || joined(facts, vec![("danhsach", Node::List(Vec::new()))]);
    Node::Group(vec![
        ("ThongTinBenhNhan", patient(facts)),
        ("ThongTinVaoVien", admission(facts, bodies)),
        ("ThongTinDieuTri", treatment(facts, bodies)),
        ("YLenhThuocVatTu", without()),
        ("PhieuChiDinh", joined(facts, vec![("danhsach", Node::List(sheets(facts)))])),
        ("KetQuaChanDoanHinhAnh", without()),
        ("KetQuaXetNghiem", without()),
        ("GiayChuyenVien", without()),
        ("HoSoCapCuu", without()),
        ("PhieuThuThuat", without()),
        ("PhieuPhauThuat", without()),
    ])
}

fn joined(facts: &Facts, parts: Vec<(&'static str, Node)>) -> Node {
    let mut group = vec![("sovaovien", Node::text(&facts.stay.number))];
    group.extend(parts);
    Node::Group(group)
}

/// These names with nothing in them.
fn empty(names: &[&'static str]) -> impl Iterator<Item = (&'static str, Node)> {
    names.iter().map(|name| (*name, Node::empty())).collect::<Vec<_>>().into_iter()
}

fn patient(facts: &Facts) -> Node {
    let (who, stay) = (&facts.patient, &facts.stay);
    // A passport has letters; the field for the number of the card takes digits alone.
    let id = who.national_id.as_deref().unwrap_or_default();
    let (card, passport) = if id.bytes().all(|b| b.is_ascii_digit()) { (id, "") } else { ("", id) };
    let bed = stay.bed.as_ref();
    let mut parts = vec![
        ("loaiba", Node::empty()),
        ("sovaovien", Node::text(&stay.number)),
        ("soba", Node::text(&stay.number)),
        ("soluutru", Node::empty()),
        ("makhoa", Node::text(&stay.ward.code)),
        ("tenkhoa", Node::text(&stay.ward.name)),
        ("thoigianvaovien", Node::text(moment(&stay.admitted_at))),
        ("mabenhnhan", Node::text(&who.code)),
        ("buong", Node::maybe(bed.map(|bed| &bed.room))),
        ("giuong", Node::maybe(bed.map(|bed| &bed.label))),
        ("cccd_so", Node::text(card)),
        ("hochieu_so", Node::text(passport)),
        ("hoten", Node::text(&who.name)),
        ("ngaysinh", Node::maybe(who.birth_date.as_deref().map(date))),
        ("tuoi", Node::text(age(who.birth_date.as_deref(), &stay.admitted_at))),
        ("gioitinh", Node::text(sex(&who.sex))),
    ];
    parts.extend(empty(&[
        "nghenghiep",
        "nghenghiep_ma",
        "dantoc",
        "dantoc_ma",
        "ngoaikieu",
        "ngoaikieu_ma",
        "tungaybhyt",
        "denngaybhyt",
    ]));
    parts.push(("mabhyt", Node::maybe(who.insurance_card.as_deref())));
    parts.extend(empty(&["noidangkykcbbd"]));
    parts.push(("diachi", Node::text(&who.address)));
    // Districts ended in July 2025: their two fields are empty for good.
    parts.extend(empty(&[
        "sonha",
        "thonpho",
        "xaphuong",
        "quanhuyen",
        "quanhuyen_ma",
        "tinhthanh",
        "tinhthanh_ma",
        "noilamviec",
    ]));
    parts.push(("sodienthoai", Node::text(&who.phone)));
    parts.extend(empty(&[
        "nhommau",
        "yeutorh",
        "doituongbn_loai",
        "hotennguoithan",
        "diachinguoithan",
        "sodienthoainguoithan",
        "lydotiepnhan",
        "noigioithieu_loai",
    ]));
    let allergies = who.allergies.iter().map(|allergy| {
        Node::Group(vec![
            ("thongtin_ma", Node::empty()),
            ("thongtin_noidung", Node::text("Dị ứng")),
            ("thongtin_giatri", Node::text(allergy)),
            ("thongtin_ghichu", Node::empty()),
        ])
    });
    parts.push(("tiensubenhtatcuabanthan", Node::List(allergies.collect())));
    parts.extend(empty(&["tiensubenhtatcuagiadinh"]));
    Node::Group(parts)
}

fn admission(facts: &Facts, bodies: &Bodies) -> Node {
    let stay = &facts.stay;
    let first = bodies.sets.first();
    let sign = |code: &str| Node::maybe(first.and_then(|set| set.value(code)));
    let mut parts = Vec::new();
    parts.extend(empty(&[
        "sophieu",
        "phongkham",
        "maphongkham",
        "bacsikhambenh",
        "mabacsikhambenh",
        "chandoancuanoigioithieu",
        "chandoansobo",
    ]));
    parts.push(("chandoanvaovien", Node::text(&stay.diagnosis)));
    parts.push(("khambenh_chandoanvaovienmaicd", Node::maybe(stay.icd10.as_deref())));
    parts.push(("chieucao", sign("height")));
    parts.push(("dieutritaikhoa", Node::text(&stay.ward.name)));
    parts.push(("madieutritaikhoa", Node::text(&stay.ward.code)));
    parts.extend(empty(&["chuky_hoten", "denkhambenhluc", "lydovaovien", "quatrinhbenhly"]));
    for (name, code) in [
        ("mach", "pulse"),
        ("nhietdo", "temp"),
        ("nhiptho", "resp"),
        ("huyetap_tamthu", "sbp"),
        ("huyetap_tamtruong", "dbp"),
        ("cannang", "weight"),
    ] {
        parts.push((name, sign(code)));
    }
    parts.extend(empty(&["khambenh_toanthan"]));
    let organs = [
        "tuanhoan",
        "hohap",
        "tieuhoa",
        "thantietnieu",
        "thankinh",
        "coxuongkhop",
        "taimuihong",
        "ranghammat",
        "noitiet_dinhduong_benhlikhac",
    ];
    let organ = || {
        let codes = Node::Group(empty(&["VNCODE", "SNOMED"]).collect());
        let mut parts = vec![("dauchung_ma", codes)];
        parts.extend(empty(&["dauchung", "dauchung_ghichu"]));
        Node::Group(parts)
    };
    parts.push(("khambenh_caccoquan", Node::Group(organs.into_iter().map(|name| (name, organ())).collect())));
    joined(facts, parts)
}

fn treatment(facts: &Facts, bodies: &Bodies) -> Node {
    let stay = &facts.stay;
    let (ended, length) = (stay.discharged_at.as_deref(), days(&stay.admitted_at, stay.discharged_at.as_deref()));
    let mut parts: Vec<(&'static str, Node)> = empty(&["bacsidieutri", "bacsidieutri_ma"]).collect();
    parts.push(("khoadieutri", Node::text(&stay.ward.name)));
    parts.push(("khoadieutri_ma", Node::text(&stay.ward.code)));
    parts.push(("giuong", Node::maybe(stay.bed.as_ref().map(|bed| &bed.label))));
    parts.extend(empty(&["giuong_ma", "khoavaovien", "khoavaovien_ma", "ngaynhapkhoa"]));
    parts.push(("songaydieutri", Node::text(&length)));
    parts.push(("ngayravien", Node::maybe(ended.map(day))));
    parts.push(("tongsongaydieutri", Node::text(&length)));
    parts.push(("chandoan", Node::text(&stay.diagnosis)));
    parts.push(("chandoan_ma", Node::maybe(stay.icd10.as_deref())));
    parts.push(("chandoanvaovien", Node::text(&stay.diagnosis)));
    parts.push(("chandoanvaovien_ma", Node::maybe(stay.icd10.as_deref())));
    parts.extend(empty(&["chandoantuyenduoi", "chandoantuyenduoi_ma"]));
    parts.push(("maicd", Node::maybe(stay.icd10.as_deref())));
    parts.extend(empty(&[
        "tenicd",
        "maicd_khac",
        "tenicd_khac",
        "ghichu",
        "taibien",
        "tomtat",
        "bienchung",
        "tienluong",
        "huongdieutri",
    ]));
    parts.push(("danhsachchuyenkhoa", Node::List(Vec::new())));
    parts.push(("danhsachsinhhieu", Node::List(bodies.sets.iter().map(signs).collect())));
    parts.push(("tinhtrangravien", Node::Group(empty(&["ketquadieutri", "loidanbacsi"]).collect())));
    joined(facts, parts)
}

fn signs(set: &Signs) -> Node {
    let value = |code: &str| Node::maybe(set.value(code));
    Node::Group(vec![
        ("mach", value("pulse")),
        ("nhietdo", value("temp")),
        ("huyetap_cao", value("sbp")),
        ("huyetap_thap", value("dbp")),
        ("nhiptho", value("resp")),
        ("cannang", value("weight")),
        ("chieucao", value("height")),
        ("thoidiem", Node::text(moment(&set.effective_at))),
    ])
}

/// Orders that were placed together are one sheet; cancelled ones are on none.
fn sheets(facts: &Facts) -> Vec<Node> {
    let mut orders: Vec<&Order> = facts.orders.iter().filter(|order| order.state != "cancelled").collect();
    orders.sort_by(|one, other| {
        (&one.ordered_at, &one.ordered_by, &one.id).cmp(&(&other.ordered_at, &other.ordered_by, &other.id))
    });
    let together =
        |one: &&Order, other: &&Order| (&one.ordered_at, &one.ordered_by) == (&other.ordered_at, &other.ordered_by);
    orders.chunk_by(together).filter_map(|sheet| sheet.first().map(|first| sheet_of(facts, first, sheet))).collect()
}

fn sheet_of(facts: &Facts, first: &Order, orders: &[&Order]) -> Node {
    let doctor = facts.people.iter().find(|person| person.id == first.ordered_by);
    let items = orders.iter().map(|order| {
        let kind = if order.kind == "lab" { "Xét nghiệm" } else { "Chẩn đoán hình ảnh" };
        Node::Group(vec![
            ("machidinh", Node::text(&order.code)),
            ("ngaychidinh", Node::text(moment(&order.ordered_at))),
            ("benhnhanphaitra", Node::empty()),
            ("dongia", Node::empty()),
            ("loaichidinh", Node::text(kind)),
            ("loaimachidinh", Node::empty()),
            ("noithuchienchidinh", Node::empty()),
            ("manoithuchienchidinh", Node::empty()),
            ("soluong", Node::text("1")),
            ("tenchidinh", Node::text(&order.name)),
            ("thanhtien", Node::empty()),
        ])
    });
    let collected = orders.iter().find_map(|order| order.collected_at.as_deref());
    Node::Group(vec![
        ("sophieu", Node::maybe(first.accession.as_deref().or(first.barcode.as_deref()))),
        ("bacsichidinh", Node::maybe(doctor.map(|doctor| &doctor.name))),
        ("mabacsichidinh", Node::empty()),
        ("chandoansobo", Node::text(&facts.stay.diagnosis)),
        ("doituongbn", Node::empty()),
        ("danhsach", Node::List(items.collect())),
        ("giogiaomau", Node::empty()),
        ("giolaymau", Node::maybe(collected.map(moment))),
        ("giuong", Node::maybe(facts.stay.bed.as_ref().map(|bed| &bed.label))),
        ("khoadieutri", Node::text(&facts.stay.ward.name)),
        ("mucdochidinh", Node::empty()),
        ("nguoilaymau", Node::empty()),
        ("noichidinh", Node::empty()),
        ("phong", Node::maybe(facts.stay.bed.as_ref().map(|bed| &bed.room))),
        ("tongcong", Node::empty()),
    ])
}
