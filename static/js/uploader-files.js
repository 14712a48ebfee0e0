// Files as a person chooses or drops them: [{file, folder}], whole folders included. Nothing is kept in the browser.

export function fromInput(input) {
  return [...input.files].map((file) => ({ file, folder: folderOf(file.webkitRelativePath) }));
}

// The entries have to be asked for before anything is waited for: afterwards the browser has forgotten them.
export async function fromDrop(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, folder: "" }));
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject)).catch(() => null);
    if (file) found.push({ file, folder: folderOf(entry.fullPath.slice(1)) });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // A directory is told in portions; an empty one is its end.
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => []);
    if (!portion.length) return;
    for (const child of portion) await walk(child, found);
  }
}

function folderOf(path) {
  return path ? path.split("/").slice(0, -1).join("/") : "";
}

// The same file again, chosen after the page was loaded anew.
export function keyOf({ folder, name, size, modified }) {
  return JSON.stringify([folder.normalize("NFC"), name.normalize("NFC"), Number(size), Number(modified) || 0]);
}
