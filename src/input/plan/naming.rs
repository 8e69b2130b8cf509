//! What the things of a plan are called: their addresses, as Terraform writes them.

use super::{BlockId, Key, ModuleId, ObjectId, Plan};
use crate::input::address::Mode;

impl Plan {
    /// The address of an object, as Terraform writes it.
    pub fn address(&self, id: ObjectId) -> String {
        let object = &self.objects[id];
        let mut address = self.block_address(object.block);
        match &object.key {
            None => {}
            Some(Key::Text(text)) => {
                address.reserve_exact(text.len() + r#"[""]"#.len());
                address.extend(["[\"", text, "\"]"]);
            }
            Some(key) => address += &key.to_string(),
        }
        address
    }

    /// The address of a block in its module instance: that of its objects without their own key.
    pub fn block_address(&self, id: BlockId) -> String {
        let block = &self.blocks[id];
        block.address_in(&self.modules[block.module].address)
    }

    /// The address of a block without any key.
    pub fn config_address(&self, id: BlockId) -> String {
        let block = &self.blocks[id];
        block.address_in(self.config_module_address(block.module))
    }

    /// The address of a module instance without any key.
    pub fn config_module_address(&self, id: ModuleId) -> &str {
        &self.modules[id].config_address
    }
}

/// The attribute that the path of a value begins with.
pub fn attribute_of(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// An address in a module.
pub fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        [module, ".", name].concat()
    }
}

/// The address of a module call, without a key of its own.
pub fn call_address(around: &str, call: &str) -> String {
    join(around, &format!("module.{call}"))
}

/// What an address is called inside of a module; nothing when it is not in it. [`join`] is the way back.
pub fn inside<'a>(module: &str, address: &'a str) -> Option<&'a str> {
    match address.strip_prefix(module)? {
        whole if module.is_empty() => Some(whole),
        rest => rest.strip_prefix('.'),
    }
}

/// `data.aws_ami.x`.
pub fn block_name(mode: Mode, kind: &str, name: &str) -> String {
    if kind.is_empty() {
        name.to_owned()
    } else {
        [mode.prefix(), kind, ".", name].concat()
    }
}
