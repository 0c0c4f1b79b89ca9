"""Pictures that must be refused, and odd ones that must not: every kind is made here, byte by byte."""

import base64
import functools
import io
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image

MIB = 1024 * 1024
PNG_HEAD = b"\x89PNG\r\n\x1a\n"
Maker = Callable[[], bytes]


def photo(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """Noise, the same on every run: it compresses badly, so that cutting it anywhere cuts pixels."""
    pixels = random.Random(7).randbytes(size[0] * size[1] * len(mode))
    return Image.frombytes(mode, size, pixels)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, depth: int, colour: int, row: bytes, *extra: bytes, rows: int = -1, last: bytes = b""
) -> bytes:
    """A PNG that repeats one raw row (with its filter byte); `extra` chunks stand before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    packer = zlib.compressobj(9)
    packed = [packer.compress(row) for _row in range(height if rows < 0 else rows)]
    pixels = chunk(b"IDAT", b"".join(packed) + packer.compress(last) + packer.flush())
    return PNG_HEAD + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


def grey_png(width: int = 100, height: int = 100, *extra: bytes) -> bytes:
    return png(width, height, 8, 0, b"\0" + b"\x80" * width, *extra)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg(*extra: bytes, **options: Any) -> bytes:
    """A good JPEG with `extra` segments right behind its start."""
    data = saved(photo(), "JPEG", **options)
    return data[:2] + b"".join(extra) + data[2:]


def cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def scrambled(data: bytes, start: int, length: int = 400) -> bytes:
    return data[:start] + random.Random(3).randbytes(length) + data[start + length :]


def unpacked(packed: bytes) -> bytes:
    return zlib.decompress(base64.b85decode(packed))


# No permissive package writes HEIC, so these were made once with x265: red and green over blue, 96 x 64 ...
HEIC = unpacked(
    b"c-muNV30{GsVvAy&8%Pmg51nBLl8SRGck>UfiW~UwIq=N0u(b+a*CjAhJwuG5(YG&l$n#C3}U!AFfalk5HMCkXdtT-NGNA!=A}Wn"
    b"Kr9O6q%uKy8D+_aASPcyW=Sqw$<@q)q5>ejEwdmwA4r!2l{quAZ~&R}EI^9nJ}~_G|KkS(13z;DP=~k!BM;;M{~!g-"
    b"U=_?jCA*j$5`l7BPK=DG5);@26gJ)UR5d+&z}c}8Bqj+W7&(%F$~jyZ4;HoYFsT4-5l+s}DauREsQ`-"
    b"eGO#rOg+wxo3sRvTPXJ;EAQmXdtjGijFmrH#oG6}IkP8bvV1TeRGBL9NSrc<p5`lro*s8&}p3UO%^ZoX||I(}f|NpeNeBr-u?A-"
    b"gpX0N~O8vlR)B>Vp-CYB|)S}&<Na<Wpc)#jPhYcaE!g0s6WFW}&|{j0E1$g%Or^+zXr=I~W9*R0!kWBP-"
    b"?Y*EIZyPq{ZV@}BGdieR67kl@riyvRF)BCyWWueIb>9<VsUrv+$|ED&j{_ujfHPd%q-"
    b"}0i&?96N>)d&A|cDDTFWBPk~?~WqVx@#L2Nz6Ybr?+^ERxPJ;i%8M#dAa64v(20(T{~v(jQJ3GF-"
    b"Z4+xt92nTH}Pzhkv$zylxuu);*u&dqI(8&97<4Umjy%x;t;(uT6?ag8ZJy$a>XHouIkQ>=?U>UBC>fd1s&Gna+L4nsME?lmEy<L$"
    b"L?`A-X16H}5j6X5niQck~DlIqSPo<;<}JgRD-"
    b"EYd;sP%%8DC!6tXoLf%K`o0tszHJ@`WDVn{kUW{AQKy^u@#usJ7<#|hO78|*L*!AH7N65@w0Y^QwEgfze=$_TI-"
    b"JT^hf7u*+jpV}`EpgA@3l>gy-YDwKlqXf(008YJ0v!"
)
# ... the same with orientation 6, both as the container's own turn and in EXIF, and a secret in EXIF ...
HEIC_TURNED = unpacked(
    b"c-"
    b"muNV30{GsVvAy&8%Pmg51nBLl8SRGck>UfpI}@YDppk1Sn>t<P<^K3<a6VB@Af5Br_*J8N_gLU|?ck1hE*8KxiPV6DS4*%)T%Y20"
    b"I|O$jr=31M@(#qCie6SQ$`FMp?2U1Ck&kNQrAjCRjONL1sxV15_o${mg=*0wBFVvmiMiNS6ckIy16x0GabFK#Jr(F#P%d;|Bu+KX"
    b"U?5hqwbH599y;AO*}|70f^-yO<mjfpS_-jEtxf6W9b4Hr@49H9dR4*|8BMCJ7=KIg)_NIb0YI7Pav(sQ_&ePR`FM%1h3v0E+W6ur"
    b"&aML^6vDQlb7$0AdFq7AVN9$OMN42M5TBoS8-"
    b"WB|wW9Br*$fVWG{)z{uLj#LUtPWJ_fhrKUl}`I1wLlfl6Y^f=@B+>}IMJTSIuFs^5_c>H|7z3;#D>i_>g?JZyU?;AV!zOdQrFT2M"
    b"7-#^Lz|A~oZ$*tB)YL1+&lxwwlCiPm(ET-"
    b"V>uFDHJxNZL`Y!q^AJaYZf$(}iURm?T(Hr|;2;4fR0vFGk*P0yGUvbr9AKIX;Vz3Sq}*X#6t?s{1$@_+g*ll+&{r2qe^4XHo8pl!"
    b"|co!7U#C^I`VTS@i7f1RBzKlzycp5D8o$h7X-hD8$dPs!;m-"
    b"lA2@soWw`w0mBz`Oj=KXGzzNnLA@XL|zQi{a>ynzNFST;q&32?H{k3hP-vp=lEVwBw6!o+VPji7?|$PTlZ^|;*lV~Co-"
    b"~LbyFv3E;BpEu3{H3Lu%gHCwZoGAF^g#_wD3Avd~cMfq#guN!HD~469lATErba0z}UGZd5sQEWseF)8pFD1uOGs>`<`DowShm(fK"
    b"AO1AoouTuX{(FRK^h)-+IE(x~x8*>HK@Qk%s_?jLr2c)$@db63Do4{b|_n+CdPHEp+N3C&+N$6h1(utrPVv-g69)15bpIy2=-"
    b"6@%iN4U#~8eHpZXJPrmXMm})L<^^IkMj=po0!ADgBrc0nlZ#SI6bf<@lYwaj02|R1G5"
)
# ... and plain blue pictures of 8192 x 8192.
HEIC_8192 = unpacked(
    b"c-"
    b"rmPOKTHR6bJBgXVN%@)<(2G(3UoWh~T2ApcG}$;zGYbyHI92O~{o@a*09O;v$OZ!c9@>qL^Aiv<tz43m+IrKo|W6ZVIkM5Q@t#8s"
    b"nKHy66YULGnMjnfp4EA9DkDW{BuWx;SStDIE|;sMBLnJJf!fNKJ;RqED?D&CFyA?KT-"
    b"56lq5!bvEDpkqMU+e>l|bR!uZs<HJ#{bLnO`8Xe?L%4+vAw}P>#x!dSs_%G$FHU-1=2W^5p*YliqN!iiRLNlrIi?-"
    b"`qTSNo4$7dXLRiA1!q69n2u%lA>Xt_R5p1i2kj+qs5Eplio_u|pg_iv*s)e=!(DVn-B&1dYIP_@F^w9C-"
    b"mAfGMdg6u30_fwp6XrI1mQmv~SX@4nU^sJ5=w&OTl9ndEHyMVkVu{)L><HcAHXMA42@yc=aCYDH8$!EjM*N2BTILhVnwN8h(J$Lq"
    b"Jqux7JUs~T>y!^X%t~^wIx&N5gUZ>8Lo=>lSY{tDW=Q}QQxm$YNf4V9m+t!T-A}-OMgb*D6ECg?qWZ<5sGVY-"
    b"T8TX1S<35!6f7Kb8onujiweNS&p3%E1p$<3_>Y&JGaaiOglpK*zPl%|eMAQqOgnCuv8E#VKcIS&+s}WJ>U75E6303AH=81^9ETTR"
    b"aQCCIO*IlHpiKuU(LWTO@sPCXcg$flaRH#s)LWK$yDpaUYp+bcU6)IGyP@zJF3Kc3;s8FFog$fmFm#Xhee*miXQ5O"
)
AVIF_8192 = unpacked(
    b"c-muNU{FXasVqn=%S>Yc0uY^>nP!-"
    b"qnV9D5Xy^nKdYzkElE?r7iWw<6MNl?FL1uCZ0~+8f$SlbPvlxL`E;A=T8N_h`@fjhajKT~I%-"
    b"4Wyjm*rvG`LzRASaax%1bOWFm%q($p_n&m03_!0HnP$3zGAJv`A)gK`O*L1t?|^D9EhH1TmO7I5>b5Phy#&bE7;DNJuz2Kc^@!Ii"
    b"~_>GA{#L15ijjvmh7dC!oVv7@3+`fO_xcrX-dKF>rCqf42Ys|62z~hKYjF5q1f`<L#}H_y7NYbp8MXL&^D5n#ZTuEJ<LxZo%KN_}"
    b"<*SDYHT|ieKEj(YWa4s(Dh&dc)=hoIKR{G{Wih%`@+V4iq_l{F}q3Rw21QAn<7Zm-Z_cT=bT&+T_-(nYQorlS``#U)FBY5}&Jj-"
    b"%f8SSM?L?6053J9|RA1O%PKqV_r0s)!p6p+Nsj>r(B{PYRvdwe!uI>?>u$+cK@KXLnlukTrx+q<Eu>b+>L56{Rz#>?V_BD-lYXD`"
    b"xy3DBkAg`kaI_bjXwH6ZrFQ8Q6X}>^b9jDR^xpS7urk>?)QE>F<{S2y`LXTHG=Oe-d=e5YIsARP)Nf@=?$_XE3~XE-"
    b")##RwRY56DqA}+wgLd*BN>b"
)


def claiming(data: bytes, width: int, height: int) -> bytes:
    """A HEIC or AVIF whose container lies about the size of the picture in it."""
    sides = struct.pack(">II", width, height)
    return re.sub(rb"(ispe.{4}).{8}", lambda found: found[1] + sides, data, flags=re.DOTALL)


def jpeg_claiming(width: int, height: int) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def jpeg_sof(kind: int = 0xC0, bits: int = 8, layers: int = 3) -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc0")
    data[at + 1], data[at + 4], data[at + 9] = kind, bits, layers
    return bytes(data)


def jpeg_broken_huffman() -> bytes:
    data = bytearray(jpeg())
    at = data.index(b"\xff\xc4")
    data[at + 5 : at + 21] = b"\xff" * 16
    return bytes(data)


def jpeg_scans() -> bytes:
    """An empty 7000 x 7000 progressive JPEG that repeats its last scan 2000 times: 340 KB, half a minute."""
    data = saved(Image.new("L", (7000, 7000)), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * 2000 + b"\xff\xd9"


def webp_claiming(width: int, height: int) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    inner = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas + saved(photo(), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(inner) + 4) + b"WEBP" + inner


def webp_lossless_lie(width: int, height: int) -> bytes:
    data = bytearray(saved(photo((100, 100)), "WEBP", lossless=True))
    data[21:25] = struct.pack("<I", (width - 1) | (height - 1) << 14)
    return bytes(data)


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return buffer.getvalue()


def exif_bomb(entries: int = 5000, claim: int = 60_000) -> bytes:
    """An EXIF block in which every entry claims the same bytes."""
    head = b"MM\0*\0\0\0\x08" + struct.pack(">H", entries)
    tags = b"".join(struct.pack(">HHII", tag, 7, claim, 8) for tag in range(1, entries + 1))
    return b"Exif\0\0" + head + tags


def avif_exif_bomb() -> bytes:
    """Pillow parses the EXIF of an AVIF when it opens it; here 500 entries claim the same 5 MB."""
    bomb = exif_bomb(500, 5_000_000) + bytes(5_000_000)
    harmless = bomb[:14] + bytes(len(bomb) - 14)  # the same length, for Pillow parses it when it saves, too
    return saved(photo(), "AVIF", exif=harmless).replace(harmless, bomb)


def exif_orientation(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "a secret place"
    return exif.tobytes()


def _not_pictures() -> dict[str, Maker]:
    return {
        "empty": lambda: b"",
        "one_byte": lambda: b"\xff",
        "text": lambda: b"Dear Ostagram, this is my picture.\n" * 40,
        "html": lambda: b"<!doctype html><html><script>alert(1)</script></html>",
        "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"></svg>',
        "random": lambda: random.Random(1).randbytes(MIB),
        "zip": zipped,
        "junk_26_mb": lambda: random.Random(2).randbytes(MIB) * 26,
        "jpeg_26_mb": lambda: jpeg() + bytes(26 * MIB),
        "pdf": lambda: saved(photo(), "PDF"),
        "eps": lambda: saved(photo(), "EPS"),
        "psd": lambda: b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 100, 100, 8, 3) + bytes(30_000),
        "fits": lambda: b"SIMPLE  =                    T".ljust(80) + b"END".ljust(2800),
        "wmf": lambda: b"\xd7\xcd\xc6\x9a" + bytes(100),
        "mp4": lambda: struct.pack(">I", 24) + b"ftypisom\0\0\2\0isommp41" + bytes(5000),
    }


def _other_formats() -> dict[str, Maker]:
    kinds = ("GIF", "BMP", "TIFF", "ICO", "JPEG2000", "TGA", "PPM", "DDS", "ICNS")
    return {kind.lower(): functools.partial(saved, photo((128, 128)), kind) for kind in kinds}


def _wrong_sizes() -> dict[str, Maker]:
    return {
        "side_1": lambda: saved(photo((1, 1)), "PNG"),
        "side_63": lambda: saved(photo((63, 63)), "JPEG"),
        "side_12001": lambda: grey_png(12_001, 1600),
        "aspect_9_to_1": lambda: saved(photo((900, 100)), "JPEG"),
        "aspect_1_to_9": lambda: saved(photo((100, 900)), "WEBP"),
        "pixels_50_million_and_some": lambda: grey_png(8000, 6251),
        "png_bomb_13000": lambda: png(13_000, 13_000, 8, 2, bytes(13_000 * 3 + 1)),
        "webp_claims_16383": lambda: webp_claiming(16_383, 16_383),
        "heic_8192": lambda: HEIC_8192,
        "avif_8192": lambda: AVIF_8192,
        "jpeg_claims_65500": lambda: jpeg_claiming(65_500, 65_500),
    }


def _damaged_jpegs() -> dict[str, Maker]:
    return {
        "jpeg_magic_only": lambda: jpeg()[:3],
        "jpeg_cut_in_header": lambda: jpeg()[:100],
        "jpeg_cut_before_scan": lambda: jpeg().partition(b"\xff\xda")[0],
        "jpeg_cut_in_half": lambda: cut(jpeg(), 0.5),
        "jpeg_cut_at_99_percent": lambda: cut(jpeg(), 0.99),
        "jpeg_progressive_cut": lambda: cut(jpeg(progressive=True), 0.5),
        "jpeg_cut_50_mpx": lambda: cut(saved(Image.new("L", (8000, 6250), 9), "JPEG"), 0.5),
        "jpeg_zero_size": lambda: jpeg_claiming(0, 0),
        "jpeg_broken_huffman": jpeg_broken_huffman,
        "jpeg_12_bit": lambda: jpeg_sof(bits=12),
        "jpeg_lossless": lambda: jpeg_sof(kind=0xC3),
        "jpeg_five_layers": lambda: jpeg_sof(layers=5),
        "jpeg_then_junk": lambda: b"\xff\xd8\xff" + random.Random(4).randbytes(MIB),
        "jpeg_2000_empty_scans": jpeg_scans,
        "jpeg_6_million_segments": lambda: jpeg(segment(0xEC, b"") * (6 * MIB)),
    }


def _damaged_pngs() -> dict[str, Maker]:
    good = saved(photo(), "PNG")
    pixels = good.index(b"IDAT")
    profile = b"x\0\0" + zlib.compress(bytes(24 * MIB))
    return {
        "png_magic_only": lambda: PNG_HEAD,
        "png_cut_in_header": lambda: good[:20],
        "png_cut_in_half": lambda: cut(good, 0.5),
        "png_cut_before_end": lambda: good[:-12],
        "png_zero_size": lambda: png(0, 0, 8, 2, b"", rows=0),
        "png_negative_size": lambda: png(2**31, 2**31, 8, 2, b"", rows=0),
        "png_claims_48_mpx": lambda: png(8000, 6000, 8, 2, bytes(1000), rows=1),
        "png_50_mpx_bad_last_row": lambda: png(8000, 6250, 8, 2, bytes(24_001), rows=6249, last=b"\x09" * 24_001),
        "png_bad_header_checksum": lambda: good[:19] + b"\x41" + good[20:],
        "png_bad_pixel_checksum": lambda: good[: pixels + 900] + b"\0\0\0\0" + good[pixels + 904 :],
        "png_bad_zlib": lambda: PNG_HEAD + good[8:33] + chunk(b"IDAT", b"nonsense") + chunk(b"IEND", b""),
        "png_without_pixels": lambda: PNG_HEAD + good[8:33] + chunk(b"IEND", b""),
        "png_unknown_depth": lambda: png(100, 100, 7, 2, bytes(301)),
        "png_huge_chunk": lambda: good[:33] + struct.pack(">I", 2**31 - 1) + good[37:],
        "png_profile_bomb": lambda: grey_png(100, 100, chunk(b"iCCP", profile)),
        "png_2_million_chunks": lambda: grey_png(100, 100, chunk(b"prIv", b"") * (2 * MIB)),
        "png_2_million_empty_pixel_chunks": lambda: grey_png(100, 100, chunk(b"IDAT", b"") * (2 * MIB)),
    }


def _damaged_modern() -> dict[str, Maker]:
    webp, lossless = saved(photo(), "WEBP"), saved(photo(), "WEBP", lossless=True)
    avif = saved(photo(), "AVIF")
    return {
        "webp_magic_only": lambda: webp[:12],
        "webp_cut_in_header": lambda: webp[:28],
        "webp_cut_in_half": lambda: cut(webp, 0.5),
        "webp_cut_at_99_percent": lambda: cut(webp, 0.99),
        "webp_lossless_scrambled": lambda: scrambled(lossless, 30, 4000),
        "webp_lossless_claims_48_mpx": lambda: webp_lossless_lie(8000, 6000),
        "avif_magic_only": lambda: avif[:16],
        "avif_cut_in_header": lambda: avif[:150],
        "avif_cut_in_half": lambda: cut(avif, 0.5),
        "avif_cut_at_99_percent": lambda: cut(avif, 0.99),
        "avif_scrambled": lambda: scrambled(avif, avif.index(b"mdat") + 4),
        "avif_zero_size": lambda: claiming(avif, 0, 0),
        "heic_magic_only": lambda: HEIC[:16],
        "heic_cut_in_header": lambda: HEIC[:200],
        "heic_cut_in_half": lambda: cut(HEIC, 0.7),
        "heic_cut_at_99_percent": lambda: cut(HEIC, 0.99),
        "heic_zero_size": lambda: claiming(HEIC, 0, 0),
        "heic_bomb": lambda: claiming(HEIC_8192, 100, 100),
        "heic_4_million_items": lambda: HEIC + b"infe\x02" * (4 * MIB),
        "heic_that_is_avif": lambda: avif[:8] + b"heic" + avif[12:],
    }


def kinds() -> dict[str, Maker]:
    """Name → a function that makes a file which must be refused (some are 26 MB: make one at a time)."""
    groups = (_not_pictures, _other_formats, _wrong_sizes, _damaged_jpegs, _damaged_pngs, _damaged_modern)
    return {name: make for group in groups for name, make in group().items()}


def odd() -> dict[str, Maker]:
    """Name → a function that makes a strange or hostile file whose picture is whole: it must be taken."""
    second = saved(photo((64, 64)), "JPEG")
    text = b"a\0\0" + zlib.compress(bytes(24 * MIB))
    return {
        "png_with_zip_tail": lambda: saved(photo(), "PNG") + zipped(),
        "jpeg_with_script_tail": lambda: jpeg() + b"<script>alert(1)</script>",
        "jpeg_with_script_comment": lambda: jpeg(segment(0xFE, b"<script>alert(1)</script>")),
        "png_with_script_text": lambda: grey_png(100, 100, chunk(b"tEXt", b"a\0<script>alert(1)</script>")),
        "png_text_bomb": lambda: grey_png(100, 100, chunk(b"zTXt", text)),
        "jpeg_broken_exif": lambda: jpeg(segment(0xE1, b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")),
        "jpeg_empty_exif": lambda: jpeg(segment(0xE1, b"Exif\0\0")),
        "jpeg_exif_bomb": lambda: jpeg(segment(0xE1, exif_bomb())),
        "jpeg_400_exif_blocks": lambda: jpeg(segment(0xE1, b"Exif\0\0" + bytes(65_000)) * 390),
        "png_exif_bomb": lambda: grey_png(100, 100, chunk(b"eXIf", exif_bomb(65_535)[6:] + bytes(MIB))),
        "avif_exif_bomb": avif_exif_bomb,
        "jpeg_broken_profile": lambda: jpeg(icc_profile=b"not a profile" * 20),
        "png_broken_profile": lambda: grey_png(100, 100, chunk(b"iCCP", b"x\0\0not zlib")),
        "mpo": lambda: saved(photo(), "MPO", save_all=True, append_images=[photo((64, 64))]),
        "mpo_cut_in_second_frame": lambda: jpeg(segment(0xE2, b"MPF\0" + bytes(80))) + cut(second, 0.5),
        "apng": lambda: saved(photo(), "PNG", save_all=True, append_images=[photo().rotate(180)]),
        "animated_webp": lambda: saved(photo(), "WEBP", save_all=True, append_images=[photo().rotate(180)]),
        "animated_avif": lambda: saved(photo(), "AVIF", save_all=True, append_images=[photo().rotate(180)]),
        "heic_item_type_not_utf8": lambda: HEIC_TURNED.replace(b"Exif", b"E\xffif", 1),
        "heic_old_items": lambda: HEIC_TURNED + b"infe\0" * 100,
        "avif_claims_100": lambda: claiming(AVIF_8192, 100, 100),
    }
