"""The command line of Nianbao: it only joins the stages."""
