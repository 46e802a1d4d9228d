/** Colours and fonts of the board's picture; they do not follow the simulator's light and dark. */
import { Skin, Style } from "piu/All";

const INK = "#e8edf2";
const FAINT = "#93a1b0";

export const skins = {
	board: new Skin({ fill: "#182430", stroke: "#0c131a" }),
	chip: new Skin({ fill: "#a9b0b6", stroke: "#7d858c" }),
	antenna: new Skin({ fill: "#0c131a", stroke: "#d0a650" }),
	section: new Skin({ fill: "#203140", stroke: "#2d4254" }),
	relay: new Skin({ fill: ["#22456e", "#2f7de0"], stroke: ["#16304f", "#8fc0ff"] }),
	button: new Skin({ fill: ["#c9ced3", "#7f8891"], stroke: ["#8a939b", "#ffffff"] }),
	cap: new Skin({ fill: ["#2a2f35", "#101316"], stroke: ["#14171a", "#000000"] }),
	sensor: new Skin({ fill: ["#1b2935", "#24505a"], stroke: ["#2d4254", "#4b8b98"] }),
	lamp: new Skin({ fill: ["#59636e", "#37c26b", "#e0a63a", "#e05656"], stroke: "#0c131a" }),
};

export const styles = {
	title: new Style({ font: "semibold 18px", color: INK, horizontal: "left" }),
	name: new Style({ font: "semibold", color: INK }),
	nameLeft: new Style({ font: "semibold", color: INK, horizontal: "left" }),
	faint: new Style({ color: FAINT }),
	faintLeft: new Style({ color: FAINT, horizontal: "left" }),
	value: new Style({ color: ["#5d6b79", INK] }),
	chip: new Style({ font: "semibold", color: "#3a4249" }),
};
