//! Failures of branding.

use crate::catalogue;

catalogue! {
    /// Failures of branding.
    pub enum BrandingFailure {
        /// The accent colour cannot be read on white.
        AccentTooLight = "AD-130", 422, "This accent colour is too light to be read.",
            "该主题色过浅，难以辨认。", "Choose a darker shade: text in it on white, and white text on it, need a contrast of at least 4.5 to 1 (WCAG 2.1, 1.4.3). The detail tells what it has.",
            "请选择更深的颜色：白底上用此颜色的文字，以及此颜色上的白色文字，对比度均须至少为4.5:1（WCAG 2.1，1.4.3）。详情给出了当前的对比度。";
        /// Neither PNG, nor JPEG, nor WebP.
        LogoUnreadable = "AD-131", 422, "This file cannot be used as a logo.",
            "该文件不能用作标志。", "Send a PNG, JPEG or WebP file of 16 to 2048 pixels in width and height. SVG is not taken, because it can hold scripts.", "请上传宽和高均为16至2048像素的PNG、JPEG或WebP文件。SVG可能含有脚本，不予接受。";
        /// Larger than the limit.
        LogoTooLarge = "AD-132", 413, "This logo is too large.",
            "该标志文件过大。", "A logo has 256 KiB at most.", "标志文件不得超过256KiB。";
    }
}
