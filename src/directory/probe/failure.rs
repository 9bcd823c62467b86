//! Failures of saving a credential that WeCom refuses.

use crate::catalogue;

catalogue! {
    /// Failures of saving a credential. Each is told with the field it is about, and none where the body says `save_anyway`.
    pub enum ProbeFailure {
        /// 40013.
        CorpIdRefused = "DI-236", 422, "WeCom does not know this corp ID, so nothing was saved.",
            "企业微信不认识该企业 ID，未保存。", "Copy the corp ID (企业ID) again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制企业ID。也可以仍然保存（save_anyway）。";
        /// 40001, 40091 of an app.
        AppSecretRefused = "DI-237", 422, "WeCom does not accept the secret of this app, so nothing was saved.",
            "企业微信不接受该应用的 Secret，未保存。", "Copy the secret again from the page of the app, and see that the app is enabled: WeCom says the same of an app that is switched off. It can be saved all the same (save_anyway).",
            "请从该应用的页面重新复制Secret，并确认应用已启用：应用停用时企业微信也会这样回答。也可以仍然保存（save_anyway）。";
        /// 40001, 40091 of the contacts-sync helper.
        ContactsSecretRefused = "DI-238", 422, "WeCom does not accept the contacts-sync secret, so nothing was saved.",
            "企业微信不接受该通讯录同步 Secret，未保存。", "Copy the secret again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制该Secret。也可以仍然保存（save_anyway）。";
        /// 40056, 301002.
        AgentRefused = "DI-239", 422, "The AgentId and the secret are not of the same app, so nothing was saved.",
            "AgentId 与 Secret 不属于同一应用，未保存。", "Copy AgentId and secret again, both from the page of the same app. They can be saved all the same (save_anyway).",
            "请从同一应用的页面重新复制AgentId和Secret。也可以仍然保存（save_anyway）。";
        /// 48002 at `user/list_id`.
        ContactsSecretIsApps = "DI-240", 422, "This is the secret of an app and not the contacts-sync secret, so nothing was saved.",
            "这是应用的 Secret，而非通讯录同步 Secret，未保存。", "Enter it as the secret of the app, and as contacts_secret the one from the place named there, or none. It can be saved all the same (save_anyway).",
            "请将其填为应用的Secret；contacts_secret请填所示位置的Secret，或留空。也可以仍然保存（save_anyway）。";
        /// 48002 at `agent/get`.
        AppSecretIsContacts = "DI-241", 422, "This is the contacts-sync secret and not the secret of an app, so nothing was saved.",
            "这是通讯录同步 Secret，而非应用的 Secret，未保存。", "Enter it as contacts_secret, and here the secret from the page of the app. It can be saved all the same (save_anyway).",
            "请将其填为contacts_secret；此处请填该应用页面上的Secret。也可以仍然保存（save_anyway）。";
        /// 40001, 40091 of 客户联系.
        CustomerSecretRefused = "DI-247", 422, "WeCom does not accept the customer secret, so nothing was saved.",
            "企业微信不接受该客户 Secret，未保存。", "Copy the secret again from the place named there. It can be saved all the same (save_anyway).", "请从所示位置重新复制该Secret。也可以仍然保存（save_anyway）。";
        /// 48002, 84074 at `externalcontact/get_follow_user_list`.
        CustomerSecretIsAnothers = "DI-248", 422, "This secret may not read external contacts, so nothing was saved.",
            "该 Secret 无权读取外部联系人，未保存。", "Enter the secret of Customer Contact (客户联系), or add the app whose secret it is to the list at the place named there. It can be saved all the same (save_anyway).",
            "请填写“客户联系”的Secret，或在所示位置将该Secret所属的应用加入“可调用应用”。也可以仍然保存（save_anyway）。";
        /// The bounds of probes.
        TooManyProbes = "DI-242", 429, "Too many credentials were tried a moment ago.",
            "刚刚尝试的凭据过多。", "Try again in a minute, or in an hour where several admins entered many wrong secrets. WeCom blocks the address of this server for an hour when too many wrong secrets come from it.",
            "请一分钟后重试；如果多位管理员填错了大量Secret，请一小时后重试。一个地址发出过多错误的Secret时，企业微信会封锁该地址一小时。";
        /// Corp ID or AgentId were changed while the credential was being tried.
        ChangedMeanwhile = "DI-243", 409, "Somebody else changed this app while its credential was being tried, so nothing was saved.",
            "尝试凭据期间该应用已被他人修改，未保存。", "Look at it again, and send the change once more if it is still needed.", "请重新查看该应用，如仍需要，请再次提交更改。";
    }
}
